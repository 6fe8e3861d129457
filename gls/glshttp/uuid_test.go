package glshttp_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glshttp"
)

func TestFormatID(t *testing.T) {
	ones := [8]byte{255, 255, 255, 255, 255, 255, 255, 255}
	for _, tt := range []struct {
		name   string
		now    time.Time
		random [8]byte
		want   string
	}{
		// The time of the example in RFC 9562, appendix A.6.
		{"RFC 9562", time.UnixMilli(0x017F22E279B0), [8]byte{0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f}, "017f22e2-79b0-7000-98c4-dc0c0c07398f"},
		{"half a millisecond", time.Unix(0, 500_000), [8]byte{}, "00000000-0000-7800-8000-000000000000"},
		{"all bits", time.UnixMilli(1<<48 - 1).Add(999_999), ones, "ffffffff-ffff-7fff-bfff-ffffffffffff"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, glshttp.FormatID(tt.now, tt.random))
		})
	}
}
