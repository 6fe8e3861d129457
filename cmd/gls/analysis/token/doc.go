// Package token defines an analyzer that finds tokens which are not reset.
//
// # Analyzer token
//
// token: find bindings that are not undone
//
// Var.Set returns the token that undoes it. The analyzer reports a Set whose
// token is dropped, a token that some path to a return does not use, and "defer
// v.Set(x)", which sets when the function ends and never resets. The idiom is
//
//	defer v.Set(x).Reset()
//
// and that is the fix where the statement stands at the top of a function. A
// token that is stored, returned or passed on is taken to be reset elsewhere.
// In main, init and TestMain a Set for the rest of the process is fine.
package token
