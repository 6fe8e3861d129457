// Package callback defines an analyzer that finds functions which are handed to
// other goroutines without the caller's bindings.
//
// # Analyzer callback
//
// callback: find functions that run elsewhere without the caller's bindings
//
// A function that is given to time.AfterFunc, context.AfterFunc, sync.WaitGroup.Go,
// errgroup.Group.Go and TryGo, singleflight's DoChan, iter.Pull, http.TimeoutHandler,
// the pools of ants and conc, those of -takers, or sent on a channel, is called by
// another goroutine, which has other bindings or none. The analyzer proposes the
// function of package spawn that does the same, or gls.Wrap around the argument,
// by the policy of analyzer rawgo; -policy=all proposes it everywhere. The comments
// //gls:inherit REASON and //gls:ignore REASON settle a line.
package callback
