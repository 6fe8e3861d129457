// Package glsgrpc makes gRPC servers and clients at home with variables of package
// gls, as glshttp does for HTTP. It has one interceptor for each kind of call:
//
//	grpc.NewServer(
//		grpc.ChainUnaryInterceptor(glsgrpc.UnaryServer(), ...),
//		grpc.ChainStreamInterceptor(glsgrpc.StreamServer(), ...))
//
// [UnaryServer] and [StreamServer] are the barrier, and belong outermost: they
// give every call a fresh, empty [gls.Context], because the goroutines of
// grpc.NumStreamWorkers serve one call after the other. They take variables from
// the metadata of trusted peers, if told so by [Exports] and [Trust].
// [UnaryClient] and [StreamClient] add variables to the metadata of calls to
// allowed targets. [ReadStats] has the counters of all of them.
//
// OpenTelemetry's otelgrpc is a stats handler and goes with them: [BindContext]
// makes its span the current one for package glsotel. Where it carries
// OpenTelemetry's own baggage too, that replaces the baggage of [Exports], member
// for member and as a whole: there, let it carry the variables, with
// glsotel.Propagator.
package glsgrpc
