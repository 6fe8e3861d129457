package main

import (
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// An operation is an operation whose instructions are counted. run does it n
// times.
type operation struct {
	name string
	run  func(n int)
}

var (
	user  = gls.New[int]("user")
	other = gls.New("other", gls.Default(7))
	more  = make([]*gls.Var[int], 7)
	sum   int
)

func init() {
	for i := range more {
		more[i] = gls.New[int]("more")
	}
}

var operations = []operation{
	{"Get", bound(func(n int) {
		for i := 0; i < n; i++ {
			sum += user.Get()
		}
	})},
	{"Get of the default", bound(func(n int) {
		for i := 0; i < n; i++ {
			sum += other.Get()
		}
	})},
	{"Get of the default, nothing bound", func(n int) {
		for i := 0; i < n; i++ {
			sum += other.Get()
		}
	}},
	{"Get of the oldest of 8", bound(func(n int) {
		for _, v := range more {
			defer v.Set(1).Reset()
		}
		for i := 0; i < n; i++ {
			sum += user.Get()
		}
	})},
	{"Lookup", bound(func(n int) {
		for i := 0; i < n; i++ {
			x, _ := user.Lookup()
			sum += x
		}
	})},
	{"Set and Reset", bound(func(n int) {
		for i := 0; i < n; i++ {
			other.Set(i).Reset()
		}
	})},
	{"Set and Reset, nothing bound", func(n int) {
		for i := 0; i < n; i++ {
			user.Set(i).Reset()
		}
	}},
	{"With", bound(func(n int) {
		for i := 0; i < n; i++ {
			other.With(i, func() { sum++ })
		}
	})},
	{"NewContext and Run", func(n int) {
		for i := 0; i < n; i++ {
			gls.NewContext().Run(func() { sum++ })
		}
	}},
	{"CopyContext and Run", bound(func(n int) {
		for i := 0; i < n; i++ {
			gls.CopyContext().Run(func() { sum++ })
		}
	})},
	{"Isolate", bound(func(n int) {
		for i := 0; i < n; i++ {
			gls.Isolate(func() { sum++ })
		}
	})},
	{"WaitGroup.Go and Wait", bound(func(n int) {
		var wg spawn.WaitGroup
		for i := 0; i < n; i++ {
			wg.Go(func() { sum += user.Get() })
			wg.Wait()
		}
	})},
}

// bound returns a function that calls run while user is bound.
func bound(run func(n int)) func(n int) {
	return func(n int) { user.With(1, func() { run(n) }) }
}
