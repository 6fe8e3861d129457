// Package glshttp connects net/http servers and clients with variables of
// package gls. It wraps [http.Handler] and [http.RoundTripper], so it works
// with every router and client that does the same.
//
//	mux := http.NewServeMux()
//	server := http.Server{Handler: glshttp.Handler(glshttp.RequestID()(mux))}
//
// [Handler] isolates requests and belongs outermost in every server that uses
// variables: HTTP/1 serves all requests of a connection on one goroutine, so
// the next request would see a Set without Reset in an earlier one. [RequestID]
// binds an ID and tells it to the client, [Bind] binds what the server knows
// about a request, [TimeoutHandler] is like http.TimeoutHandler but keeps
// bindings, [Extract] takes variables from requests of trusted peers, and
// [Transport] adds them to requests for allowed hosts. [ReadStats] returns the
// counters of all of them.
//
// # The order of middleware
//
// A binding is seen by what is behind the middleware that made it, and is gone
// when that middleware returns. From the outside in:
//
//	h = glshttp.Handler(           // isolates: outside of it nothing is bound
//		glshttp.RequestID()(       // the ID, for everything below
//			recoverPanics(         // its log lines have the ID
//				glshttp.Extract(exports, trust)( // what trusted peers say
//					withUser(      // glshttp.Bind: what this server knows better
//						accessLog( // its line has ID and user
//							mux))))))
//
// An access log is what goes wrong most often, because it writes its line when
// the handler behind it has returned: around Handler, or around the Bind of the
// user, its line has no user. What it must log although withUser refuses the
// request, it can log from its own place further out, without user.
//
// Handlers here leave the [http.ResponseWriter] as it is, except that RequestID
// wraps it, with the optional interfaces that it had, and that TimeoutHandler
// buffers, as the one in net/http does.
package glshttp
