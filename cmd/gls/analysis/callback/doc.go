// Package callback defines an analyzer that finds functions that are passed to
// other goroutines without the caller's bindings.
//
// # Analyzer callback
//
// callback: find functions that run elsewhere without the caller's bindings
//
// Functions that are passed to time.AfterFunc, context.AfterFunc,
// sync.WaitGroup.Go, errgroup.Group.Go and TryGo, singleflight's DoChan,
// iter.Pull, http.TimeoutHandler, the pools of ants, conc, pond, workerpool and
// tomb, or a function of -takers, and functions that are sent on a channel,
// even in a struct, are called on another goroutine, which has other bindings
// or none. The analyzer follows the policy of analyzer rawgo. It suggests the
// function of package spawn or glshttp that does the same, or gls.Wrap around
// the argument, and only reports functions that a scheduler (cron, gocron)
// calls; with -policy=all it suggests a fix everywhere. The comments
// //gls:inherit REASON and //gls:ignore REASON take precedence.
package callback
