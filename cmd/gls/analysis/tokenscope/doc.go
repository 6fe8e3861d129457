// Package tokenscope defines an analyzer that finds tokens that reach another
// goroutine.
//
// # Analyzer tokenscope
//
// tokenscope: find tokens that reach another goroutine
//
// A token belongs to the Context in which the Set was made. Another goroutine
// is in another Context, at best in a copy, and Reset panics there with
// gls.ErrTokenContext. The analyzer reports tokens that a go statement, a
// function of package spawn, a callback or a channel carries to another
// goroutine. spawn.GoIn and StartIn are exempt: the token may belong to the
// Context that they are given.
package tokenscope
