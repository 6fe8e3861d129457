// Package rawgo defines an analyzer that finds go statements which drop the
// caller's bindings.
//
// # Analyzer rawgo
//
// rawgo: find go statements that drop the caller's bindings
//
// A goroutine that a go statement starts has no bindings. The analyzer suggests
// spawn.Go, which passes on a copy, spawn.Detached, or no fix, depending on
// -policy:
//
//	safe  spawn.Go where the goroutine is shown to end with the work that it is
//	      started for: its function waits for its end, or nothing that it does
//	      can last and it is waited for or reached from a handler; nothing
//	      where it may live as long as the process (-detach proposes
//	      spawn.Detached); everywhere else the statement is reported with the
//	      reason
//	all   spawn.Go everywhere
//	none  only reports
//
// A comment on the line, or on the line above, takes precedence:
//
//	//gls:inherit REASON
//	//gls:detach REASON
//	//gls:ignore REASON
package rawgo
