// Package reused defines an analyzer that finds bindings to memory which a
// server uses again for the next request.
//
// # Analyzer reused
//
// reused: find bindings to memory that fiber or fasthttp uses again
//
// The strings that c.Get, c.Params, c.Query, c.Path and their like of fiber
// return, and the byte slices that fasthttp returns, are parts of a buffer.
// When the handler has returned, the next request is read into it, and the
// string changes. A binding that a goroutine inherited then holds the other
// request's user. The same holds for the *fiber.Ctx and the
// *fasthttp.RequestCtx themselves.
//
// The analyzer reports Set, With and Bind of such a value, also by way of a
// variable, a function of the same package, a composite literal, or functions
// of package strings that return a part of their argument. The fix is a copy:
//
//	defer user.Set(strings.Clone(c.Get("X-User"))).Reset()
//
// strings.Clone, utils.CopyString, string of a byte slice, fmt.Sprint and
// concatenation with something else make one. Packages that make an app with
// fiber.Config{Immutable: true} are exempt: there fiber makes the copies.
package reused
