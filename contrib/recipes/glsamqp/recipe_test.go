package glsamqp_test

import (
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/recipes/glsamqp"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glstest"
)

var (
	tenant  = gls.New[string]("tenant")
	user    = gls.New[string]("user")
	exports = []glsexport.Exported{
		glsexport.Export(tenant, "tenant", glsexport.String()),
		glsexport.ExportHeader(user, "user", glsexport.String()),
	}
)

// What a message says already wins, and the headers that it was made with are
// left alone. The library refuses texts of other kinds.
func TestHeaders(t *testing.T) {
	glstest.CheckLeaks(t)
	defer user.Set("ann").Reset()
	for _, tt := range []struct {
		name    string
		headers amqp.Table
		want    string
	}{
		{"none", nil, "ann"},
		{"of another kind", amqp.Table{"x-delay": int32(1)}, "ann"},
		{"of the same name", amqp.Table{"user": "bob"}, "bob"},
		{"of the same name, no string", amqp.Table{"user": int32(1)}, ""},
		{"hostile", amqp.Table{"user": "bob\n", "baggage": "tenant=a,tenant=b"}, ""},
	} {
		before := len(tt.headers)
		p := glsamqp.Publishing(amqp.Publishing{Headers: tt.headers}, exports...)
		require.Len(t, tt.headers, before, tt.name)
		glsamqp.Consume(amqp.Delivery{Headers: p.Headers}, func() {
			require.Equal(t, tt.want, user.Get(), tt.name)
			require.Empty(t, tenant.Get(), tt.name)
			tenant.Set("left behind")
		}, exports...)
	}
	require.Empty(t, tenant.Get())
}
