// Package callback defines an analyzer that finds functions which are handed to
// other goroutines without the caller's bindings.
//
// # Analyzer callback
//
// callback: find functions that run elsewhere without the caller's bindings
//
// A function that is given to time.AfterFunc, context.AfterFunc,
// sync.WaitGroup.Go, errgroup.Group.Go and TryGo, singleflight's DoChan,
// iter.Pull, http.TimeoutHandler, the pools of ants, conc, pond, workerpool and
// tomb, those of -takers, or sent on a channel, in a struct too, is called by
// another goroutine, which has other bindings or none. The analyzer proposes
// the function of package spawn or glshttp that does the same, or gls.Wrap
// around the argument, and only reports what a scheduler (cron, gocron) calls,
// by the policy of analyzer rawgo; -policy=all proposes it everywhere. The
// comments //gls:inherit REASON and //gls:ignore REASON settle a line.
package callback
