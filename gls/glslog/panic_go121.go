//go:build !go1.22

package glslog

import (
	"log/slog"

	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// safe returns v in a form whose encoding does not panic. Handlers of package
// slog recover such panics themselves from Go 1.22 on; see panic_go122.go.
func safe(v slog.Value) slog.Value {
	if v.Kind() != slog.KindAny {
		return v
	}
	return slog.AnyValue(glsadapter.Guard(v.Any()))
}
