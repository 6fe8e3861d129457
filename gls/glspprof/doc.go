// Package glspprof mirrors variables of package gls into the labels of CPU and
// goroutine profiles and into execution traces, so that these split by tenant or
// route:
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
// samples of a profile, and labels leave the process with it: no request IDs,
// no secrets.
//
// # What labels are not
//
// A mirror only: nothing is ever read back from labels, and no binding is kept
// there. They show what was bound when Do was called; a later Set changes the
// binding, not the label. And they follow other rules: the runtime hands them on
// to every goroutine that is started, by a plain go statement too, which gets no
// bindings, and that goroutine keeps them for its life.
//
// A goroutine has one set of labels, and package runtime/pprof can replace but
// not read it. What can be read is the set that a [context.Context] carries. So
// Do adds to the labels of its context and restores those afterwards. Labels
// that somebody set on the goroutine from another context are lost when it
// returns; that is so with [runtime/pprof.Do] as well.
package glspprof
