// Package lifetime defines an analyzer that finds goroutines that live as long
// as the process and inherit a request's bindings.
//
// # Analyzer lifetime
//
// lifetime: find long-lived goroutines that inherit a request's bindings
//
// spawn.Go passes on a copy of the caller's bindings. A goroutine that works
// for all requests, such as a worker of a pool or a flusher that sync.Once
// starts, keeps the identity of the request that happened to start it, and does
// the work of others under that identity. The analyzer reports calls of
// spawn.Go, Start, AfterFunc, ContextAfterFunc, Group.Go and WaitGroup.Go whose
// function may live as long as the process, by the rules of analyzer rawgo, and
// suggests spawn.Detached in place of spawn.Go. The comments //gls:inherit
// REASON and //gls:ignore REASON take precedence.
package lifetime
