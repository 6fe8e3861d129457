package glsnats

import (
	"encoding/json"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
)

// FuzzPlainAck compares the quick reading of an answer with that of package
// json.
func FuzzPlainAck(f *testing.F) {
	for _, answer := range []string{
		`{"stream":"gls","seq":1}`, `{"stream":"gls","seq":18446744073709551615}`, `{"stream":"gls", "seq":7}`,
		`{"stream":"gls","seq":3,"duplicate":true}`, `{"stream":"gls","domain":"hub","seq":3}`, `{"stream":"","seq":3}`,
		`{"stream":"gls","seq":}`, `{"stream":"gls","seq":-1}`, `{"stream":"gls","seq":01}`, `{"stream":"g\"ls","seq":1}`,
		`{"stream":"gls","seq":1}}`, `{"error":{"code":503,"err_code":10077,"description":"maximum messages exceeded"}}`, ``,
	} {
		f.Add([]byte(answer))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		got, ok := plainAck(answer)
		if !ok {
			return
		}
		var want struct {
			jetstream.PubAck
			Error *jetstream.APIError
		}
		require.NoError(t, json.Unmarshal(answer, &want))
		require.Equal(t, want.PubAck, got)
		require.Nil(t, want.Error)
	})
}

// TestPlainAck checks that the quick way is the one that is taken.
func TestPlainAck(t *testing.T) {
	ack, ok := plainAck([]byte(`{"stream":"gls","seq":1234}`))
	require.True(t, ok)
	require.Equal(t, jetstream.PubAck{Stream: "gls", Sequence: 1234}, ack)
	require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = plainAck([]byte(`{"stream":"gls","seq":x}`)) }))
}
