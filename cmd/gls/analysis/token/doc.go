// Package token defines an analyzer that finds tokens that are not reset.
//
// # Analyzer token
//
// token: find bindings that are not undone
//
// Var.Set returns the token that undoes it. The analyzer reports a Set whose
// token is dropped, a token that is not used on some path to a return, and
// "defer v.Set(x)", which sets the variable when the function ends and never
// resets it. The idiom is
//
//	defer v.Set(x).Reset()
//
// which is also the suggested fix if the statement is at the top level of a
// function. A token that is stored, returned or passed on is assumed to be
// reset elsewhere. In main, init and TestMain a Set for the rest of the process
// is allowed.
package token
