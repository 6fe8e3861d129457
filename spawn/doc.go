// Package spawn starts goroutines that inherit a copy of their starter's
// bindings, as asyncio tasks do:
//
//	spawn.Go(audit) // in place of: go audit()
//
// [Go] takes the place of the go statement; [Start] and [Gather] return
// results; [Group] and [WaitGroup] take the place of their namesakes,
// [AfterFunc] and [ContextAfterFunc] of time.AfterFunc and context.AfterFunc. A
// goroutine that [Detached] starts inherits nothing.
//
// The capture is synchronous and costs the same however many variables are
// bound. It is shallow: a pointer is shared. Variables made with gls.NoInherit
// are left out and those with gls.OnFork are given what their function returns,
// except where a whole Context is named ([GoIn], [StartIn], [Group.GoIn]).
package spawn
