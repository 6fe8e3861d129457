package main

import "github.com/seed18162548/contextvars/bench/internal/contender"

// An experiment is what one process measures. Each has a process of its own, so
// that a million goroutines or a leak of one does not slow down the next.
type experiment struct {
	name   string
	weight int // seconds that it takes, about; it is only for the progress line
	run    func(*meter) error
}

// experiments returns all of them, in the order in which they run.
func experiments() []experiment {
	all := []experiment{{"noise/before", 2, machineNoise("before")}}
	for _, b := range bars() {
		if b.sides != nil {
			all = append(all, experiment{"bar/" + b.key, 1, b.run})
		}
	}
	all = append(all, experiment{"bar/get-crowd", 10, crowdBars})
	for _, c := range curves() {
		all = append(all, experiment{c.name, 10, c.run})
	}
	slower := map[string]int{"jtolds": 4, "tylerb": 2}
	each := func(name string, weight int, measure func(contender.Contender) func(*meter) error) {
		for _, c := range field() {
			if c.Hold != nil {
				all = append(all, experiment{name + "/" + c.Name, weight * max(1, slower[c.Name]), measure(c)})
			}
		}
	}
	each("goroutines", 8, amongGoroutines)
	each("memory", 8, memory)
	each("dead", 12, dead)
	return append(all, experiment{"lines", 10, measureLines}, experiment{"http", 24, serveHTTP},
		experiment{"scale", 140, program("../..", "./bench/scale", effort.scale)},
		experiment{"nats", 60, program("../../contrib/glsnats", "./bench", effort.nats)},
		experiment{"noise/after", 2, machineNoise("after")})
}
