// Package glsotel provides OpenTelemetry's current span and baggage to code
// that has no [context.Context].
//
//	func (c *cart) Total() (sum int) {
//		glsotel.Run(tracer, "total", func() { sum = c.add() })
//		return sum
//	}
//
// OpenTelemetry stores both in a context.Context. This package stores them in
// the implicit context of package glsctx: a span that [Run] starts is a child
// of the one in glsctx.Current, takes its place there until it ends, and is
// inherited by goroutines that package spawn starts. Code that uses
// glsctx.Current, such as package glssql, therefore always has the current
// span.
//
// An explicit context always takes precedence: a context that carries values,
// even without a span among them, is used unchanged (see glsctx.Explicit).
//
// [Propagator] carries exported variables beside OpenTelemetry's own baggage,
// and [Restore] binds what arrived. [Handler] and [Transport] are the two ends
// of an HTTP request. otelhttp, which records more attributes, can replace
// either of them (see [Provider]) or be used in addition. What untrusted peers
// say is discarded (see [Trust] and [Strip]). [NewHandler] adds trace and span
// IDs to log records.
package glsotel
