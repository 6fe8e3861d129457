package glsdebug

import (
	"fmt"
	"net/http"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/registry"
)

// An Option configures a [Handler]. The zero Option does nothing.
type Option struct {
	apply func(*handler)
}

// Visible has the page show the values of vars. All others are hidden, and cannot
// be filtered by value either.
//
// Values are turned into text on the goroutine of the page, while their own
// goroutines run on: strings, numbers, booleans, and arrays and structs of them
// as fmt does; others by their String or Error method, which must be safe to call
// from any goroutine, as a logger requires too. Of what is neither, as a pointer,
// map or slice, which its goroutine may be writing to, only the type is shown.
func Visible(vars ...gls.AnyVar) Option {
	return Option{func(h *handler) {
		for _, v := range vars {
			h.visible[v] = true
		}
	}}
}

// Auth has f decide which requests are answered, in place of [Local]. It may be
// called by several goroutines at a time. A nil f panics with [gls.ErrNilFunc].
func Auth(f func(*http.Request) bool) Option {
	if f == nil {
		panic(fmt.Errorf("glsdebug: Auth: %w", gls.ErrNilFunc))
	}
	return Option{func(h *handler) { h.auth = f }}
}

// Track has [Handler] turn tracking on, for the whole process and the rest of its
// life: from then on it is recorded when a goroutine began, which one started
// it through package spawn, and where. That costs each start about a microsecond
// and 200 bytes for as long as the goroutine lives, and each goroutine that
// package spawn did not start the same when it begins to hold state. Without
// Track nobody pays. Goroutines that were there before have no record.
func Track() Option {
	return Option{func(*handler) { registry.Track() }}
}

// defaultStackLimit is where a stop of the world begins to be noticed: a thousand
// goroutines take some ten milliseconds.
const defaultStackLimit = 1000

// StackLimit sets the number of goroutines in the process, 1000 by default, above
// which the page asks a second time before it takes their stacks.
func StackLimit(n int) Option {
	return Option{func(h *handler) { h.stackLimit = n }}
}
