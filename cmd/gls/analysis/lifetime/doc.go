// Package lifetime defines an analyzer that finds goroutines of the process's
// lifetime that inherit a request's bindings.
//
// # Analyzer lifetime
//
// lifetime: find long-lived goroutines that inherit a request's bindings
//
// spawn.Go hands a copy of the caller's bindings on. A goroutine that serves
// everyone, a worker of a pool, a flusher that sync.Once starts, keeps the
// identity of the request that happened to start it, and does the work of
// others under it. The analyzer reports the calls of spawn.Go, Start,
// AfterFunc, ContextAfterFunc, Group.Go and WaitGroup.Go whose function may
// live as long as the process, by the rules of analyzer rawgo, and proposes
// spawn.Detached in place of spawn.Go. The comments //gls:inherit REASON and
// //gls:ignore REASON settle a line.
package lifetime
