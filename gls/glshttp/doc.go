// Package glshttp makes net/http servers and clients at home with variables of
// package gls. It wraps [http.Handler] and [http.RoundTripper] and nothing else,
// so it goes with every router and client that does the same.
//
//	mux := http.NewServeMux()
//	server := http.Server{Handler: glshttp.Handler(glshttp.RequestID()(mux))}
//
// [Handler] is the barrier, and belongs outermost in every server that uses
// variables at all: HTTP/1 serves all requests of a connection on one goroutine,
// so that a Set without Reset in one request would be seen by the next.
// [RequestID] binds and echoes an ID, [TimeoutHandler] is http.TimeoutHandler
// that keeps bindings, [Extract] takes variables from requests of trusted peers,
// [Transport] adds them to requests for allowed hosts. [ReadStats] has the
// counters of all of them.
//
// No handler here wraps the [http.ResponseWriter], so that flushing, hijacking,
// ReadFrom and [http.ResponseController] are what they were; TimeoutHandler
// buffers, as the one in net/http does.
package glshttp
