package main

import "github.com/seed18162548/contextvars/bench/internal/contender"

// An experiment is what one process measures. Each has a process of its own, so
// that a million goroutines or a leak of one does not slow down the next.
type experiment struct {
	name   string
	weight int // how long it takes, relative to the others
	run    func(*meter) error
}

// experiments returns all of them, in the order in which they run.
func experiments() []experiment {
	var all []experiment
	for _, b := range bars() {
		if b.sides != nil {
			all = append(all, experiment{"bar/" + b.key, len(b.sides), b.run})
		}
	}
	all = append(all, experiment{"bar/get-crowd", 15, crowdBars})
	for _, c := range curves() {
		all = append(all, experiment{c.name, 12, c.run})
	}
	each := func(name string, weight int, measure func(contender.Contender) func(*meter) error) {
		for _, c := range field() {
			if c.Hold != nil {
				all = append(all, experiment{name + "/" + c.Name, weight, measure(c)})
			}
		}
	}
	each("goroutines", 12, amongGoroutines)
	each("memory", 8, memory)
	each("dead", 20, dead)
	return append(all, experiment{"http", 24, serveHTTP})
}
