// Package gls provides goroutine-local variables: values such as a request ID
// or the current user that follow the work through code that has no
// [context.Context] parameter. It is a port of Python's contextvars to
// goroutines: typed variables ([Var]), tokens that undo a Set ([Token]), and
// copyable contexts ([Context]). Package spawn starts goroutines that inherit a
// copy of their starter's bindings, as asyncio tasks do.
//
//	var requestID = gls.New[string]("request_id")
//
//	func handle(w http.ResponseWriter, r *http.Request) {
//		defer requestID.Set(r.Header.Get("X-Request-ID")).Reset()
//		serve(w) // and all that it calls may use requestID.Get()
//	}
//
// Where functions can take a [context.Context], pass that: it shows who depends
// on what. This package is for code where they cannot, yet.
//
// # Who sees a binding
//
// The goroutine that made it sees a binding, and so do goroutines that package
// spawn starts from there, which get a copy. No other goroutine does. On Go
// 1.21 to 1.27, this is what happens to a binding in the following places:
//
//	range-over-func bodies,          the caller's goroutine: the binding is seen
//	http.Handler, RoundTripper,
//	slog.Handler, SQL drivers
//	a plain go statement             an empty base Context: use spawn.Go
//	iter.Pull                        the body has a goroutine of its own: use
//	                                 Pull, which lends the caller's Context
//	time.AfterFunc                   a fresh goroutine per firing; Timer.Reset makes
//	                                 firings overlap: use spawn.AfterFunc
//	context.AfterFunc                its goroutine is the canceller's: use
//	                                 spawn.ContextAfterFunc
//	sync.WaitGroup.Go, errgroup.Go   a plain go statement: use spawn.WaitGroup,
//	                                 spawn.Group, or g.Go(gls.WrapErr(f))
//	net/http servers                 HTTP/1 keep-alive serves all requests of a
//	                                 connection on one goroutine: a Set without
//	                                 Reset leaks into the next request. Put
//	                                 glshttp.Handler, or NewContext().Run, around
//	                                 every request. http.TimeoutHandler runs the
//	                                 inner handler elsewhere
//	finalizers, runtime.AddCleanup   on a few long-lived goroutines of the runtime:
//	                                 use Isolate
//	singleflight.Do, sync.Once,      run in the first caller's Context: use Isolate
//	loaders of caches                around them
//	goroutine pools                  a worker keeps its ID: Wrap each job,
//	                                 and start workers with spawn.Detached
//	t.Run, t.Parallel, fuzzing,      other goroutines: use glstest.Run
//	RunParallel
//	init functions                   goroutine 1: seen in main only; use defaults
//
// WARNING, cgo: callbacks from threads that C created all share one goroutine
// ID. A Set in one thread's callback is seen by another thread's. Put [Isolate]
// around the body of every function that is exported to C.
//
// # What is kept, and for how long
//
// Reading creates no state. The first Set in a goroutine makes an entry in a
// registry keyed by goroutine ID; the last Reset, the end of a Run, and the end
// of a goroutine of package spawn drop it. A goroutine that was started by a
// plain go statement and never resets leaves an entry behind when it ends,
// which is swept up when its shard of the registry would grow, and after
// garbage collections. The library has no goroutine and no timer of its own,
// never recovers a panic, and runs no user code under a lock. It prints
// nothing, except for the one line in which package glsdebug shows the token of
// its page.
//
// # Goroutine IDs
//
// IDs are read from the runtime by github.com/petermattis/goid. At start-up
// they are compared with the ones that stack traces show, on several
// goroutines; if any of them differs, the process parses stack traces instead,
// at a microsecond each. The build tag gls_safe, or GLS_SAFE=1 in the
// environment, forces that mode. In it, every operation takes time in
// proportion to the depth of the stack, because the runtime walks all of it for
// a trace, and finding the goroutines that have ended takes a trace of all
// goroutines, which stops the world. [ReadStats] reports which mode is in use.
//
// # Misuse
//
// Misuse of a token or a Context is a programming error. It panics before any
// state changes, with an error value that identifies the mistake; TryReset and
// TryRun return that error instead. Reading an unbound variable is not misuse:
// Get returns the default or the zero value, much as [os.Getenv] returns an
// empty string.
//
// # Releases
//
// The package requires Go 1.21. [Context.All], [Pull] and [Pull2] require Go
// 1.23, which introduced iterators.
package gls
