package glsdebug

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/internal/registry"
)

// An Option configures a [Handler]. A nil Option is ignored.
type Option func(*config)

// config holds the options of one page. It is immutable once they have been
// applied.
type config struct {
	visible    map[gls.AnyVar]*caller
	auth       func(*http.Request) bool // nil: the token decides
	token      string
	stackLimit int
}

// Visible sets the variables whose values the page shows. The values of all
// others are hidden and cannot be filtered by.
//
// Values are turned into text on the goroutine of the page, while the
// goroutines that hold them run on. Strings, numbers, booleans, and arrays and
// structs of these are printed as fmt does. Other values are printed by their
// String or Error method, which must be safe to call from any goroutine, as it
// must be for a logger. Of the rest, such as pointers, maps and slices, which
// another goroutine may be writing to, the page shows only the type.
//
// A method that does not return blocks the one request that called it. For
// other requests, the page then shows only the type of that variable's values.
func Visible(vars ...gls.AnyVar) Option {
	return func(c *config) {
		for _, v := range vars {
			c.visible[v] = newCaller()
		}
	}
}

// Auth sets a function that decides which requests are answered, instead of the
// token: f alone then guards the page. It may be called by several goroutines
// at a time. [Local] is such a function that trusts the machine. Auth panics
// with [gls.ErrNilFunc] if f is nil.
func Auth(f func(*http.Request) bool) Option {
	glsadapter.MustFunc("glsdebug.Auth", f == nil)
	return func(c *config) { c.auth = f }
}

// errNoToken reports a token that everybody can guess.
var errNoToken = errors.New("glsdebug: token is empty")

// Token sets the token that the page asks for, instead of a random one that
// [Handler] makes. The program can then print the address of the page itself,
// or use the same token in several processes. Anyone who knows the token can
// see the page, so it should be as hard to guess as a key: crypto/rand.Text
// makes a good one. Token panics if token is empty. It has no effect together
// with [Auth].
func Token(token string) Option {
	if token == "" {
		panic(fmt.Errorf("%w; leave the option out to have one made", glsadapter.Misuse(errNoToken, "glsdebug.Token")))
	}
	return func(c *config) { c.token = token }
}

// Track turns tracking on, for the whole process and the rest of its life: from
// then on the library records when a goroutine began, which goroutine started
// it through package spawn, and where. Each start costs about a microsecond
// more, and 250 bytes for as long as the goroutine lives; the Context that it
// was started in cannot be collected during that time. A goroutine that package
// spawn did not start costs the same when it begins to hold state. Without
// Track, there is no cost. Goroutines that were there before have no record.
func Track() Option {
	return func(*config) { registry.Track() }
}

// defaultStackLimit is where a stop of the world begins to be noticeable: a
// thousand goroutines take some ten milliseconds.
const defaultStackLimit = 1000

// StackLimit sets the number of goroutines in the process, 1000 by default,
// above which the page asks a second time before it takes their stacks.
func StackLimit(n int) Option {
	return func(c *config) { c.stackLimit = n }
}
