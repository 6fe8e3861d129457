// Package glsgrpc connects gRPC servers and clients with variables of package
// gls, as glshttp does for HTTP. It has one interceptor for each kind of call:
//
//	grpc.NewServer(
//		grpc.ChainUnaryInterceptor(glsgrpc.UnaryServer(), ...),
//		grpc.ChainStreamInterceptor(glsgrpc.StreamServer(), ...))
//
// [UnaryServer] and [StreamServer] isolate calls and belong outermost: they
// give every call a fresh, empty [gls.Context], because the goroutines of
// grpc.NumStreamWorkers serve one call after the other. They take the variables
// of [Exports] from the metadata of peers that [Trust] accepts. [UnaryClient]
// and [StreamClient] add variables to the metadata of calls to allowed targets.
// [ReadStats] returns the counters of all of them.
//
// OpenTelemetry's otelgrpc is a stats handler and can be used at the same time:
// [BindContext] makes its span the current one for package glsotel. If it also
// carries OpenTelemetry's own baggage, calls have two baggage headers, and
// otelgrpc's servers read only the first, the one of [Exports]. In that case
// give variables headers of their own, with glsexport.ExportHeader, or let
// otelgrpc carry them, with glsotel.Propagator.
package glsgrpc
