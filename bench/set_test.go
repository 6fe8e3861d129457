package bench

import (
	"fmt"
	"testing"

	"github.com/seed18162548/contextvars/bench/internal/contender"
)

func set(c contender.Contender) func(int) contender.Case { return c.Set }

// BenchmarkSetReset binds one more variable and undoes it; for context, it
// makes one more and reads it. Among vars=0 the entry of the goroutine comes
// and goes.
func BenchmarkSetReset(b *testing.B) { contest(b, set, 0, 1, 8, 64) }

// BenchmarkRebind binds a variable that is bound already and undoes it.
func BenchmarkRebind(b *testing.B) {
	contest(b, func(c contender.Contender) func(int) contender.Case { return c.Rebind }, 1, 8, 64)
}

// BenchmarkSetResetOnCores is BenchmarkSetReset on several cores at once.
func BenchmarkSetResetOnCores(b *testing.B) { onCores(b, set) }

// BenchmarkCopy takes a copy of all bindings.
func BenchmarkCopy(b *testing.B) {
	contest(b, func(c contender.Contender) func(int) contender.Case { return c.Copy }, 0, 1, 8, 64)
}

// BenchmarkSpawn starts a goroutine that inherits the bindings and does
// nothing, and waits for it. impl=parameter is the go statement.
func BenchmarkSpawn(b *testing.B) {
	contest(b, func(c contender.Contender) func(int) contender.Case { return c.Spawn }, 0, 1, 8, 64)
}

// BenchmarkRequest binds three strings, reads them ten times and unbinds them,
// as middleware and handlers do in a request.
func BenchmarkRequest(b *testing.B) {
	for _, c := range contender.Own() {
		if c.Request != nil {
			b.Run(fmt.Sprintf("gets=10/impl=%s", c.Name), func(b *testing.B) { measure(b, c.Request()) })
		}
	}
}
