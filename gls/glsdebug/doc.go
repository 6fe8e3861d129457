// Package glsdebug serves a page that shows what a running program has bound:
// every goroutine that holds state, with its bindings, and the counters of the
// library.
//
//	mux.Handle("/debug/gls", glsdebug.Handler(glsdebug.Visible(requestID)))
//
// Importing the package registers nothing. The list does not stop the program:
// it takes one lock of the registry at a time. Stacks do stop the world. They
// are taken only on demand, and the page asks twice if there are many
// goroutines.
//
// The same address serves other forms of the same view, chosen by the parameter
// "format": json, text, prometheus (text format 0.0.4) and expvar.
// [WriteMetrics] and [Expvar] provide the last two to programs that already
// have such endpoints.
//
// # Who may look
//
// Everyone who may see the page sees the names of variables, and the values of
// those that [Visible] names.
//
// The page asks for a token, which [Handler] makes at random. When the first
// request without it is refused, package log prints one line:
//
//	glsdebug: the debugging page asks for a token: http://127.0.0.1:8080/debug/gls?token=pZ…
//
// Anyone who can read the log can open that address. The page then sets a
// cookie, so its links need no token. Tools send a header instead, which works
// for every format:
//
//	curl -H "Authorization: Bearer $TOKEN" "http://127.0.0.1:8080/debug/gls?format=text"
//
// [Token] sets the token, so that a program can print the address itself or a
// scraper can be configured with it. [Auth] replaces the token with a function:
// one that knows the program's own users, or [Local], which trusts the machine.
//
// By default no address is trusted: behind a proxy or tunnel on the same
// machine, every stranger seems to come from the loopback address.
//
// Whatever Auth and Token say, requests that a page of another site makes in
// the background are refused. Stacks are taken only at the request of a form of
// the page itself or of a client that is not a browser.
//
// The page works without JavaScript; with it, filters apply while they are
// typed. It loads nothing from other sites, and its Content-Security-Policy
// forbids inline scripts and styles.
package glsdebug
