// Package tokenscope defines an analyzer that finds tokens which reach another
// goroutine.
//
// # Analyzer tokenscope
//
// tokenscope: find tokens that reach another goroutine
//
// A token belongs to the Context in which the Set was made. Another goroutine
// is in another Context, a copy at best, and there Reset panics with
// gls.ErrTokenContext. The analyzer reports tokens that a go statement, a
// function of package spawn, a callback or a channel carries to another
// goroutine. spawn.GoIn and StartIn, which name a Context, are exempt: the
// token may be of that one.
package tokenscope
