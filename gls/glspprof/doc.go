// Package glspprof mirrors variables of package gls into the labels of CPU and
// goroutine profiles and into execution traces, so that these can be split by
// tenant or route:
//
//	var profile = glspprof.New("request", glspprof.Label(route), glspprof.Label(tenant))
//
//	profile.Do(func() { serve(order) })
//
// and then
//
//	go tool pprof -tagfocus=tenant=acme cpu.pprof
//
// From Go 1.27 on, tracebacks name the labels as well.
//
// Choose variables with few values. Every combination of labels multiplies the
// samples of a profile. Labels also leave the process with the profile, so do
// not mirror request IDs or secrets.
//
// # What labels are not
//
// Labels are only a mirror: nothing is ever read back from them. They show what
// was bound when Do was called; a later Set changes the binding, not the label.
// They are also inherited differently: the runtime copies them to every new
// goroutine, even if a plain go statement starts it, which copies no bindings,
// and the goroutine keeps them until it ends.
//
// A goroutine has one set of labels. Package runtime/pprof can replace that set
// but not read it; it can only read the set that a [context.Context] carries.
// So Do adds to the labels of its context and afterwards restores those. Labels
// that were set on the goroutine from another context are lost when Do returns,
// as with [runtime/pprof.Do].
package glspprof
