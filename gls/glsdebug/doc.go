// Package glsdebug is a page that shows what a running program has bound: every
// goroutine that holds state, with its bindings, and the counters of the library.
//
//	mux.Handle("/debug/gls", glsdebug.Handler(glsdebug.Visible(requestID)))
//
// Nothing is registered by importing it. The first view stops nothing: it takes
// one lock of the registry at a time. Stacks, which do stop the world, are taken
// on demand, and asked for twice where there are many goroutines.
//
// The same address serves other forms of the same view, chosen by the parameter
// "format": json, text, prometheus (text format 0.0.4) and expvar. [WriteMetrics]
// and [Expvar] are the last two for programs that have such endpoints already.
//
// # Who may look
//
// Names of variables are shown to whoever may see the page, values only of those
// variables that [Visible] names. Unless [Auth] says otherwise, only [Local]
// requests are answered. Whatever Auth says, requests that a page of another
// site makes in the background are refused, and stacks are taken for a form of
// the page itself only, or for clients that are no browsers.
//
// The page needs no JavaScript; with it, filters apply while they are typed. It
// loads nothing from elsewhere, and its Content-Security-Policy forbids inline
// script and style.
package glsdebug
