// Package reused defines an analyzer that finds bindings to memory that a
// server reuses for the next request.
//
// # Analyzer reused
//
// reused: find bindings to memory that fiber or fasthttp uses again
//
// The strings that methods of fiber such as c.Get, c.Params, c.Query and c.Path
// return, and the byte slices that fasthttp returns, are parts of a buffer.
// When the handler has returned, the next request is read into that buffer, and
// the string changes. A binding that a goroutine inherited then holds the other
// request's user. The same applies to the *fiber.Ctx and the
// *fasthttp.RequestCtx themselves.
//
// The analyzer reports Set, With and Bind of such a value, even if it comes
// from a variable, a function of the same package, a composite literal, or a
// function of package strings that returns a part of its argument. The fix is a
// copy:
//
//	defer user.Set(strings.Clone(c.Get("X-User"))).Reset()
//
// strings.Clone, utils.CopyString, string of a byte slice, fmt.Sprint and
// concatenation with something else also make a copy. Packages that make an app
// with fiber.Config{Immutable: true} are exempt, because fiber then makes the
// copies.
package reused
