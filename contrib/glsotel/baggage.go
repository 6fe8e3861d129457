package glsotel

import (
	"go.opentelemetry.io/otel/baggage"

	"github.com/seed18162548/contextvars/gls/glsctx"
)

// Baggage returns the current baggage, that of glsctx.Current, which may be
// empty.
//
// It is OpenTelemetry's, sent to every peer that its propagator is used for. A
// variable that is exported with [Propagator] is not in it, on either side.
func Baggage() baggage.Baggage { return baggage.FromContext(glsctx.Current()) }

// WithBaggage calls f with b as the current baggage, and restores what was
// there before, also if f panics or calls [runtime.Goexit]. Nothing is merged.
// A nil f panics with [gls.ErrNilFunc].
func WithBaggage(b baggage.Baggage, f func()) {
	glsctx.With(baggage.ContextWithBaggage(glsctx.Current(), b), f)
}
