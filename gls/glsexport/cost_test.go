package glsexport_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// TestInjectAllocations checks that Inject allocates only what it writes, here
// one baggage.
func TestInjectAllocations(t *testing.T) {
	user, tenant, id := gls.New[string]("user"), gls.New[string]("tenant"), gls.New[string]("id")
	vars := []glsexport.Exported{
		glsexport.Export(user, "user", glsexport.String()),
		glsexport.Export(tenant, "tenant", glsexport.String()),
		glsexport.ExportHeader(id, "X-Request-Id", glsexport.String()),
	}
	c := glsexport.MapCarrier{}
	gls.With(func() {
		require.EqualValues(t, 1, testing.AllocsPerRun(100, func() {
			clear(c)
			glsexport.Inject(c, vars...)
		}))
	}, user.Bind("ann"), tenant.Bind("läuft, gut"), id.Bind("0199c3a5-5f0e-7abc-8def-0123456789ab"))
	require.Equal(t, glsexport.MapCarrier{
		"baggage":      "user=ann,tenant=l%C3%A4uft%2C%20gut",
		"X-Request-Id": "0199c3a5-5f0e-7abc-8def-0123456789ab",
	}, c)
}
