package bench

import (
	"testing"

	"github.com/seed18162548/contextvars/bench/internal/contender"
)

// BenchmarkServe is what Handler and RequestID cost a server, beside a plain
// handler that sets one response header of its own, for requests with and
// without an ID. An operation is contender.Connections requests.
func BenchmarkServe(b *testing.B) {
	for _, id := range []struct{ name, id string }{{"none", ""}, {"valid", contender.ClientID}} {
		for _, impl := range []struct {
			name   string
			server contender.Case
		}{
			{"plain", contender.PlainServer(id.id)},
			{"glshttp", contender.IDServer(id.id)},
		} {
			b.Run("id="+id.name+"/impl="+impl.name, func(b *testing.B) {
				impl.server(func(loop contender.Loop) {
					b.ReportAllocs()
					b.ResetTimer()
					loop(b.N)
				})
			})
		}
	}
}

// BenchmarkLoggingRequest is a request with an ID, a user and a tenant that
// writes 20 log lines with all three, beside the same by context.WithValue.
func BenchmarkLoggingRequest(b *testing.B) {
	for _, impl := range []struct {
		name    string
		handler contender.Case
	}{
		{"context", contender.LoggingContext()},
		{"gls", contender.LoggingGLS()},
	} {
		b.Run("lines=20/impl="+impl.name, func(b *testing.B) {
			impl.handler(func(loop contender.Loop) {
				b.ReportAllocs()
				b.ResetTimer()
				loop(b.N)
			})
		})
	}
}
