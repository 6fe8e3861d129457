// Package glsfasthttp connects servers of fasthttp, and of frameworks built on
// it such as fiber, with variables of package gls.
//
//	server := fasthttp.Server{Handler: glsfasthttp.Handler(
//		glsfasthttp.RequestID()(
//			glsfasthttp.Bind(user, userOf)(serve)))}
//
// [Handler] isolates requests and belongs outermost in every server that uses
// variables: fasthttp serves all requests of a connection on one goroutine, and
// then uses that goroutine for connections of other clients. Without Handler,
// these would see what an earlier request set and did not reset.
//
// # Values must be copies
//
// fasthttp reuses the memory of a request for the next one, so strings and byte
// slices that point into it change. A goroutine that inherited such a value
// would read another request's identity. [Bind] makes copies; [Copy] is for
// code that calls Set itself:
//
//	defer user.Set(glsfasthttp.Copy(c.Get("X-User"))).Reset()
//
// Methods of fasthttp that return []byte, such as Header.Peek, return such
// memory, and a conversion to string copies it. fiber converts without copying:
// its Get, Params, Query, Cookies and FormValue return strings that change,
// unless fiber.Config.Immutable is set. The command "gls vet" reports calls of
// Set with such a value that was not copied.
//
// # Other goroutines
//
// Functions that fasthttp calls on its own goroutines see no bindings: those
// passed to RequestCtx.Hijack and RequestCtx.SetBodyStreamWriter, and the
// handler of fasthttp.TimeoutHandler. Pass gls.Wrap1(f) to the first two, and
// use [TimeoutHandler] instead of the last.
package glsfasthttp
