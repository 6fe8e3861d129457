package bench

import (
	"testing"

	"github.com/seed18162548/contextvars/bench/internal/contender"
)

// BenchmarkLogLine is a line of log/slog with two bound variables, beside one
// with two explicit attributes. The module bench/peers has the other loggers.
func BenchmarkLogLine(b *testing.B) {
	for _, line := range contender.SlogLines() {
		for _, impl := range []struct {
			name string
			c    contender.Case
		}{{"explicit", line.Explicit}, {"gls", line.Ours}} {
			b.Run("line="+line.Name+"/impl="+impl.name, func(b *testing.B) {
				impl.c(func(loop contender.Loop) {
					b.ReportAllocs()
					b.ResetTimer()
					loop(b.N)
				})
			})
		}
	}
}
