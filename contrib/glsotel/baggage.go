package glsotel

import (
	"go.opentelemetry.io/otel/baggage"

	"github.com/seed18162548/contextvars/gls/glsctx"
)

// Baggage returns the current baggage, the one of glsctx.Current. It may be
// empty.
//
// It is OpenTelemetry's baggage, which is sent to every peer that its
// propagator is used for. Variables that are exported with [Propagator] are not
// in it, on either side.
func Baggage() baggage.Baggage { return baggage.FromContext(glsctx.Current()) }

// WithBaggage calls f with b as the current baggage and restores the previous
// one, even if f panics or calls [runtime.Goexit]. The two are not merged.
// WithBaggage panics with [gls.ErrNilFunc] if f is nil.
func WithBaggage(b baggage.Baggage, f func()) {
	glsctx.With(baggage.ContextWithBaggage(glsctx.Current(), b), f)
}
