// Package glsfasthttp connects servers of fasthttp, and of what is built on it,
// such as fiber, with variables of package gls.
//
//	server := fasthttp.Server{Handler: glsfasthttp.Handler(
//		glsfasthttp.RequestID()(
//			glsfasthttp.Bind(user, userOf)(serve)))}
//
// [Handler] isolates requests and belongs outermost in every server that uses
// variables: fasthttp serves all requests of a connection on one goroutine, and
// keeps that goroutine for other connections, of other clients. Without Handler
// a forgotten Set is seen by them.
//
// # Values must be copies
//
// fasthttp uses the memory of a request again for the next one. A string or a
// slice of bytes that points into it changes under whoever keeps it: a
// goroutine that inherited such a value reads another request's identity.
// [Bind] copies; [Copy] is for code that calls Set itself:
//
//	defer user.Set(glsfasthttp.Copy(c.Get("X-User"))).Reset()
//
// The methods of fasthttp that return []byte, such as Header.Peek, return such
// memory, and a conversion to string copies it. fiber converts without copying:
// its Get, Params, Query, Cookies and FormValue return strings that change,
// unless fiber.Config.Immutable is set. The command "gls vet" lists calls of
// Set with such a value that is not copied.
//
// # Other goroutines
//
// Functions that fasthttp calls on goroutines of its own see no bindings: that
// of RequestCtx.Hijack, that of RequestCtx.SetBodyStreamWriter, and the handler
// in fasthttp.TimeoutHandler. Give them gls.Wrap1(f), and use [TimeoutHandler].
package glsfasthttp
