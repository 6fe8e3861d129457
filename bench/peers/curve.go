package main

import (
	"fmt"
	"runtime"

	"golang.org/x/perf/benchfmt"

	"github.com/seed18162548/contextvars/bench/internal/contender"
)

// A curve is a benchmark of all contenders that have an operation, for several
// values of a parameter. At each value all of them take turns.
type curve struct {
	name, op, param string
	values          func(effort) []int
	// prepare returns the Case at x, nil if c has the operation not.
	prepare func(c contender.Contender, x int) contender.Case
	// cores returns how many goroutines run the Case at x.
	cores func(x int) int
}

// at returns what prepare of a curve over numbers of variables is.
func at(op func(contender.Contender) func(int) contender.Case) func(contender.Contender, int) contender.Case {
	return func(c contender.Contender, x int) contender.Case {
		if f := op(c); f != nil {
			return f(x)
		}
		return nil
	}
}

func alone(int) int { return 1 }

func fixed(values ...int) func(effort) []int { return func(effort) []int { return values } }

func manyVars(e effort) []int { return e.vars }

func curves() []curve {
	get := at(func(c contender.Contender) func(int) contender.Case { return c.Get })
	set := at(func(c contender.Contender) func(int) contender.Case { return c.Set })
	atOne := func(f func(contender.Contender, int) contender.Case) func(contender.Contender, int) contender.Case {
		return func(c contender.Contender, _ int) contender.Case { return f(c, 1) }
	}
	onCores := func(x int) int { return x }
	return []curve{
		{"get", "Get", "vars", manyVars, get, alone},
		{"get-newest", "GetNewest", "vars", fixed(1, 8, 64), at(func(c contender.Contender) func(int) contender.Case { return c.GetNewest }), alone},
		{"get-latency", "GetLatency", "vars", fixed(1, 8, 64), at(func(c contender.Contender) func(int) contender.Case { return c.GetLatency }), alone},
		{"unset", "GetUnset", "vars", fixed(0, 1, 8, 64), at(func(c contender.Contender) func(int) contender.Case { return c.Unset }), alone},
		{"get-cores", "GetOnCores", "cores", coreCounts, atOne(get), onCores},
		{"set", "SetReset", "vars", fixed(0, 1, 8, 64), set, alone},
		{"rebind", "Rebind", "vars", fixed(1, 8, 64), at(func(c contender.Contender) func(int) contender.Case { return c.Rebind }), alone},
		{"set-cores", "SetResetOnCores", "cores", coreCounts, atOne(set), onCores},
		{"copy", "Copy", "vars", fixed(0, 1, 8, 64), at(func(c contender.Contender) func(int) contender.Case { return c.Copy }), alone},
		{"spawn", "Spawn", "vars", fixed(0, 1, 4, 16, 64), at(func(c contender.Contender) func(int) contender.Case { return c.Spawn }), alone},
		{"request", "Request", "gets", fixed(10), func(c contender.Contender, _ int) contender.Case {
			if c.Request == nil {
				return nil
			}
			return c.Request()
		}, alone},
	}
}

// coreCounts returns 1, 2, 4 and so on, up to the number of cores.
func coreCounts(effort) []int {
	var counts []int
	for n := 1; n < runtime.GOMAXPROCS(0); n *= 2 {
		counts = append(counts, n)
	}
	return append(counts, runtime.GOMAXPROCS(0))
}

// run measures the curve.
func (c curve) run(m *meter) error {
	all := field()
	if c.param == "cores" {
		all = append(all, contender.Empty())
	}
	for _, x := range c.values(m.effort) {
		if err := c.point(m, all, x); err != nil {
			return err
		}
	}
	return nil
}

// point measures the curve at x.
func (c curve) point(m *meter, all []contender.Contender, x int) error {
	var (
		names    []string
		entrants []*entrant
		values   [][]benchfmt.Value
	)
	for _, who := range all {
		prepare := c.prepare(who, x)
		if prepare == nil {
			continue
		}
		e := m.enter(prepare, c.cores(x))
		objects, bytes := e.allocated()
		names = append(names, fmt.Sprintf("%s/%s=%d/impl=%s", c.op, c.param, x, who.Name))
		entrants = append(entrants, e)
		values = append(values, []benchfmt.Value{{Unit: "ns/op"}, {Value: bytes, Unit: "B/op"}, {Value: objects, Unit: "allocs/op"}})
	}
	defer dismiss(entrants)
	return m.narrow(make([]row, len(entrants)), func(which []int) ([]float64, error) {
		var again []*entrant
		for _, i := range which {
			again = append(again, entrants[i])
		}
		times := m.inTurn(again)
		figures := make([]float64, len(which))
		for k, i := range which {
			figures[k] = median(times, one(k))
			values[i][0].Value = figures[k]
			if err := m.emit(names[i], entrants[i].n*m.rounds, values[i]...); err != nil {
				return nil, err
			}
		}
		return figures, nil
	})
}
