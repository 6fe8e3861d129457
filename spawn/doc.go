// Package spawn starts goroutines that inherit a copy of their starter's
// bindings, as asyncio tasks do in Python:
//
//	spawn.Go(audit) // in place of: go audit()
//
// [Go] replaces the go statement; [Start] and [Gather] return results. [Group]
// replaces errgroup.Group and [WaitGroup] replaces sync.WaitGroup, [AfterFunc]
// replaces time.AfterFunc and [ContextAfterFunc] replaces context.AfterFunc. A
// goroutine that [Detached] starts inherits nothing.
//
// The bindings are copied before the call returns, in a time that does not
// depend on how many variables are bound. The copy is shallow: pointers are
// shared. Variables made with gls.NoInherit are left out, and those made with
// gls.OnFork are bound to what their function returns, except by functions that
// are given a whole Context ([GoIn], [StartIn], [Group.GoIn]).
package spawn
