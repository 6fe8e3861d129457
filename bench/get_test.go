package bench

import (
	"fmt"
	"testing"

	"github.com/seed18162548/contextvars/bench/internal/contender"
)

// operation is one of a Contender's, nil if it has it not.
type operation func(c contender.Contender) func(vars int) contender.Case

// contest runs op for every contender that has it, with every number of
// variables. For context, the number of variables is the depth of the chain.
func contest(b *testing.B, op operation, vars ...int) {
	for _, n := range vars {
		for _, c := range contender.Own() {
			if prepare := op(c); prepare != nil {
				b.Run(fmt.Sprintf("vars=%d/impl=%s", n, c.Name), func(b *testing.B) { measure(b, prepare(n)) })
			}
		}
	}
}

func measure(b *testing.B, prepare contender.Case) {
	b.ReportAllocs()
	prepare(func(loop contender.Loop) {
		b.ResetTimer()
		loop(b.N)
		b.StopTimer()
	})
}

func get(c contender.Contender) func(int) contender.Case { return c.Get }

// BenchmarkGet reads the variable that was bound first.
func BenchmarkGet(b *testing.B) { contest(b, get, 1, 8, 64) }

// BenchmarkGetNewest reads the variable that was bound last.
func BenchmarkGetNewest(b *testing.B) {
	contest(b, func(c contender.Contender) func(int) contender.Case { return c.GetNewest }, 1, 8, 64)
}

// BenchmarkGetUnset reads a variable that is not bound, in a goroutine without
// other bindings and with some.
func BenchmarkGetUnset(b *testing.B) {
	contest(b, func(c contender.Contender) func(int) contender.Case { return c.Unset }, 0, 1, 8, 64)
}

// BenchmarkGetOnCores reads on several cores at once. The time is that of an
// operation, not of all of them: it stays what it is on one core where nothing
// shared is written.
func BenchmarkGetOnCores(b *testing.B) { onCores(b, get) }

func onCores(b *testing.B, op operation) {
	for _, cores := range []int{1, 2} {
		for _, c := range append(contender.Own(), contender.Empty()) {
			if prepare := op(c); prepare != nil {
				b.Run(fmt.Sprintf("cores=%d/impl=%s", cores, c.Name), func(b *testing.B) {
					crew := contender.NewCrew(cores, prepare(1))
					b.ResetTimer()
					took := crew.Time(b.N)
					b.StopTimer()
					crew.Dismiss()
					b.ReportMetric(float64(took.Nanoseconds())/float64(b.N), "ns/op")
				})
			}
		}
	}
}

// BenchmarkGetAmong reads in an old goroutine while younger ones hold bindings
// too.
func BenchmarkGetAmong(b *testing.B) {
	for _, goroutines := range []int{0, 1000, 10_000} {
		for _, c := range contender.Own() {
			if c.Hold == nil {
				continue
			}
			b.Run(fmt.Sprintf("goroutines=%d/impl=%s", goroutines, c.Name), func(b *testing.B) {
				c.Get(1)(func(loop contender.Loop) {
					crowd := contender.NewCrowd(c.Hold)
					crowd.Grow(goroutines)
					b.ResetTimer()
					loop(b.N)
					b.StopTimer()
					crowd.Leave()
				})
			})
		}
	}
}
