package glsdebug

import (
	"errors"
	"net/http"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/internal/registry"
)

// An Option configures a [Handler]. A nil Option is ignored.
type Option func(*config)

// config is what options add up to. It is immutable once they were applied.
type config struct {
	visible    map[gls.AnyVar]*caller
	auth       func(*http.Request) bool // nil: the token decides
	token      string
	stackLimit int
}

// Visible sets vars whose values the page shows. The values of all others are
// hidden, and cannot be filtered by either.
//
// Values are turned into text on the goroutine of the page, while their own
// goroutines run on: strings, numbers, booleans, and arrays and structs of them
// as fmt does; others by their String or Error method, which must be safe to
// call from any goroutine, as a logger requires too. Of what is neither, as a
// pointer, map or slice, which its goroutine may be writing to, only the type
// is shown.
//
// A method that does not return holds up the one request that called it. Others
// show the type instead, of all values of that variable.
func Visible(vars ...gls.AnyVar) Option {
	return func(c *config) {
		for _, v := range vars {
			c.visible[v] = newCaller()
		}
	}
}

// Auth sets a function that decides which requests are answered, in place of
// the token: f alone then guards the page. It may be called by several
// goroutines at a time. [Local] is one that trusts the machine. A nil f panics
// with [gls.ErrNilFunc].
func Auth(f func(*http.Request) bool) Option {
	glsadapter.MustFunc("glsdebug.Auth", f == nil)
	return func(c *config) { c.auth = f }
}

// Token sets the token that the page asks for, in place of one that [Handler]
// makes, so that the program can print the address of the page itself, or share
// the page among its processes. Whoever knows the token sees the page, so it
// should be as hard to guess as a key: crypto/rand.Text makes a good one. An
// empty token panics. With [Auth] no token is asked for.
func Token(token string) Option {
	if token == "" {
		panic(errors.New("glsdebug: Token: the token is empty, which everybody can guess; leave the option out to have one made"))
	}
	return func(c *config) { c.token = token }
}

// Track turns tracking on, for the whole process and the rest of its life: from
// then on it is recorded when a goroutine began, which goroutine started it
// through package spawn, and where. That costs each start about a microsecond
// and 250 bytes for as long as the goroutine lives, and keeps the Context that
// it was started in from being collected. Each goroutine that package spawn did
// not start costs the same when it begins to hold state. Without Track nobody
// pays. Goroutines that were there before have no record.
func Track() Option {
	return func(*config) { registry.Track() }
}

// defaultStackLimit is where a stop of the world begins to be noticed: a
// thousand goroutines take some ten milliseconds.
const defaultStackLimit = 1000

// StackLimit sets the number of goroutines in the process, 1000 by default,
// above which the page asks a second time before it takes their stacks.
func StackLimit(n int) Option {
	return func(c *config) { c.stackLimit = n }
}
