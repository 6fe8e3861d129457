package glsexport_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// TestPrivateVariablesStay checks that variables made with NoInherit are not
// carried in either direction, even if they are exported.
func TestPrivateVariablesStay(t *testing.T) {
	tx := gls.New("tx", gls.NoInherit[string]())
	for _, exported := range []glsexport.Exported{
		glsexport.Export(tx, "tx", glsexport.String()),
		glsexport.ExportHeader(tx, "X-Tx", glsexport.String()),
	} {
		sent := glsexport.MapCarrier{}
		tx.With("BEGIN", func() {
			require.Equal(t, glsexport.Report{}, glsexport.Inject(sent, exported))
		})
		require.Empty(t, sent)

		bindings, _ := glsexport.Extract(glsexport.MapCarrier{"baggage": "tx=forged", "X-Tx": "forged"}, exported)
		gls.With(func() {
			_, bound := tx.Lookup()
			require.False(t, bound)
		}, bindings...)
	}
}
