// Package glsotel gives code that has no [context.Context] OpenTelemetry's
// current span and baggage.
//
//	func (c *cart) Total() (sum int) {
//		glsotel.Run(tracer, "total", func() { sum = c.add() })
//		return sum
//	}
//
// OpenTelemetry keeps both in a context.Context. This package keeps them where
// package glsctx keeps the implicit one: a span that [Run] starts is in
// glsctx.Current while it lasts, nested in the one that was there, and
// inherited through package spawn. So they are one thing, not two that could
// disagree, and whatever takes glsctx.Current, such as package glssql, has the
// right span.
//
// An explicit context always wins: one that carries values, whether a span is
// among them or not, is taken as it is (glsctx.Explicit).
//
// [Propagator] carries exported variables beside OpenTelemetry's own baggage,
// and [Restore] binds what arrived. [Handler] and [Transport] are the two ends
// of an HTTP request; otelhttp, which knows more attributes, can be either of
// them, see [Provider], and both may be instrumented twice. What peers say that
// may not speak for others goes nowhere ([Trust], [Strip]). [NewHandler] puts
// trace and span ID into log records.
package glsotel
