// Package glsdebug is a page that shows what a running program has bound: every
// goroutine that holds state, with its bindings, and the counters of the
// library.
//
//	mux.Handle("/debug/gls", glsdebug.Handler(glsdebug.Visible(requestID)))
//
// Importing the package registers nothing. The list stops nothing: it takes one
// lock of the registry at a time. Stacks, which do stop the world, are taken on
// demand, and the page asks twice where there are many goroutines.
//
// The same address serves other forms of the same view, chosen by the parameter
// "format": json, text, prometheus (text format 0.0.4) and expvar.
// [WriteMetrics] and [Expvar] are the last two for programs that have such
// endpoints already.
//
// # Who may look
//
// Names of variables are shown to everybody who may see the page, values only
// of those variables that [Visible] names.
//
// The page asks for a token, which [Handler] makes anew each time the program
// starts. The first request without it is refused, and has one line logged by
// package log:
//
//	glsdebug: the debugging page asks for a token: http://127.0.0.1:8080/debug/gls?token=pZ…
//
// Whoever can read the log opens that address. The page then sets a cookie, so
// its links need no token. Tools send a header instead, which every format
// takes:
//
//	curl -H "Authorization: Bearer $TOKEN" "http://127.0.0.1:8080/debug/gls?format=text"
//
// [Token] fixes the token, so that a program can print the address itself, or a
// scraper can be configured with it. [Auth] replaces the token with a function:
// one that knows the program's own users, or [Local], which trusts the machine.
//
// No address is trusted by default, because behind a proxy or tunnel on the
// same machine every stranger comes from loopback.
//
// Whatever Auth and Token say, requests that a page of another site makes in
// the background are refused. Stacks are taken only for a form of the page
// itself, or for clients that are not browsers.
//
// The page needs no JavaScript; with it, filters apply while they are typed. It
// loads nothing from elsewhere, and its Content-Security-Policy forbids inline
// script and style.
package glsdebug
