package contender

import (
	"github.com/petermattis/goid"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

// Goid is the bare ID of the goroutine: what a library that is keyed by it
// cannot beat.
func Goid() Contender {
	return floor("goid", "github.com/petermattis/goid", "the bare goroutine ID from the runtime's g", func(n int) {
		sum := 0
		for i := 0; i < n; i++ {
			sum += int(goid.Get())
		}
		Keep(sum)
	})
}

// SlowID is the ID from the header of a stack trace, the only public source:
// what the library falls back to on a runtime that it does not know.
func SlowID() Contender {
	return floor("slowid", "", "the bare goroutine ID from runtime.Stack", func(n int) {
		sum := 0
		for i := 0; i < n; i++ {
			sum += int(goroutine.SlowID())
		}
		Keep(sum)
	})
}

// Empty is a loop of arithmetic alone, about as long as a Get: it shows what
// the machine itself loses when all its cores are busy.
func Empty() Contender {
	return floor("empty", "", "a loop without any look-up", func(n int) {
		x := uint64(n) + 1
		for i := 0; i < n; i++ {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
		}
		Keep(int(x))
	})
}

// Bare is the Case of the loop around the Gets, without them.
func Bare() Case {
	return func(run func(Loop)) {
		run(func(n int) {
			sum := 0
			for i := 0; i < n; i++ {
				sum += i
			}
			Keep(sum)
		})
	}
}

func floor(name, module, about string, loop Loop) Contender {
	return Contender{
		Name:   name,
		Module: module,
		About:  about,
		Lacks:  "carries no values",
		Get:    func(int) Case { return func(run func(Loop)) { run(loop) } },
	}
}
