// Package glshttp connects net/http servers and clients with variables of
// package gls. It wraps [http.Handler] and [http.RoundTripper], so it works
// with every router and client that uses these interfaces.
//
//	mux := http.NewServeMux()
//	server := http.Server{Handler: glshttp.Handler(glshttp.RequestID()(mux))}
//
// [Handler] isolates requests and belongs outermost in every server that uses
// variables: net/http serves all HTTP/1 requests of a connection on one
// goroutine, so a request would see what an earlier one set and did not reset.
// [RequestID] binds an ID and sends it to the client, [Bind] binds what the
// server knows about a request, [TimeoutHandler] is like http.TimeoutHandler
// but keeps bindings, [Extract] takes variables from requests of trusted peers,
// and [Transport] adds them to requests for allowed hosts. [ReadStats] returns
// the counters of all of them.
//
// # The order of middleware
//
// A binding is visible to the handlers inside the middleware that made it, and
// is gone when that middleware returns. From the outside in:
//
//	h = glshttp.Handler(           // isolates: outside of it nothing is bound
//		glshttp.RequestID()(       // the ID, for everything below
//			recoverPanics(         // its log lines have the ID
//				glshttp.Extract(exports, trust)( // what trusted peers say
//					withUser(      // glshttp.Bind: what this server knows better
//						accessLog( // its line has ID and user
//							mux))))))
//
// The most frequent mistake is an access log in the wrong place. It writes its
// line after the handler inside it has returned, so a log outside of Handler,
// or outside of the Bind of the user, writes lines without a user. To log
// requests that withUser refuses, add another log further out; its lines have
// no user.
//
// The handlers of this package leave the [http.ResponseWriter] alone, with two
// exceptions: RequestID wraps it, keeping its optional interfaces, and
// TimeoutHandler buffers the response, as the one in net/http does.
package glshttp
