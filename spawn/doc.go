// Package spawn starts goroutines that inherit a copy of their starter's
// bindings, as asyncio tasks do: [Go] in place of the go statement, [Start] and
// [Gather] for results, [Group] and [WaitGroup] in place of their namesakes,
// [AfterFunc] and [ContextAfterFunc] for callbacks. [Detached] inherits nothing.
//
// The capture is synchronous and costs the same however many variables are
// bound. It is shallow: a pointer is shared. Variables made with gls.NoInherit
// are left out and those with gls.OnFork are given what their function returns,
// except where a whole Context is named ([GoIn], [StartIn], [Group.GoIn]).
package spawn
