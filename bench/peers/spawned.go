package main

import (
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/seed18162548/contextvars/bench/internal/contender"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// What package spawn has beside Go is compared with what it replaces, as one
// would write that. Children do nothing and are waited for; one variable is
// bound.

var spawnedVar = gls.New[int]("spawned")

// spawned is the Case of operation, with a variable bound.
func spawned(operation func()) contender.Case {
	return func(run func(contender.Loop)) {
		spawnedVar.With(contender.Value(0), func() {
			run(func(n int) {
				for range n {
					operation()
				}
			})
		})
	}
}

// waitGroups returns Cases of a child of a WaitGroup: ours and that of sync.
func waitGroups() (ours, plain contender.Case) {
	child := func() {}
	var a spawn.WaitGroup
	var b sync.WaitGroup
	return spawned(func() { a.Go(child); a.Wait() }), spawned(func() { b.Go(child); b.Wait() })
}

// groups returns Cases of a child of a Group: ours and that of errgroup.
func groups() (ours, plain contender.Case) {
	child := func() error { return nil }
	return spawned(func() {
			var g spawn.Group
			g.Go(child)
			keepErr(g.Wait())
		}), spawned(func() {
			var g errgroup.Group
			g.Go(child)
			keepErr(g.Wait())
		})
}

// gathered is how many functions gathers run at once.
const gathered = 8

// gathers returns Cases of eight functions with results: Gather, and an
// errgroup whose functions store what they return.
func gathers() (ours, plain contender.Case) {
	fs := make([]func() (int, error), gathered)
	for i := range fs {
		fs[i] = func() (int, error) { return contender.Value(i), nil }
	}
	return spawned(func() {
			values, err := spawn.Gather(fs...)
			keepErr(err)
			keepLast(values)
		}), spawned(func() {
			values := make([]int, len(fs))
			var g errgroup.Group
			for i, f := range fs {
				g.Go(func() (err error) {
					values[i], err = f()
					return err
				})
			}
			keepErr(g.Wait())
			keepLast(values)
		})
}

// keepLast panics if values does not end with the last child's value.
func keepLast(values []int) {
	if last := gathered - 1; values[last] != contender.Value(last) {
		panic("the last value is not that of the last child")
	}
}

// keepErr panics if a child that does nothing failed.
func keepErr(err error) {
	if err != nil {
		panic(err)
	}
}
