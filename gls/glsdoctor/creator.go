package glsdoctor

import (
	"bytes"
	"runtime"
	"strings"
	"sync"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

// creators caches the creators of goroutines by ID. It is emptied when it has
// become large; IDs are not used again.
var creators = struct {
	mu sync.Mutex
	of map[int64]string // guarded by mu
}{of: map[int64]string{}}

const maxCreators = 1 << 16

// creator returns the creator of the calling goroutine, as "function
// file:line", or "" if no binding can have been lost there.
func creator() string {
	id := goroutine.ID()
	c := &creators
	c.mu.Lock()
	who, ok := c.of[id]
	c.mu.Unlock()
	if ok {
		return who
	}
	who = createdBy(stack())
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.of) >= maxCreators {
		c.of = map[int64]string{}
	}
	c.of[id] = who
	return who
}

// stack returns the calling goroutine's whole stack trace.
func stack() []byte {
	for n := 1 << 14; ; n *= 4 {
		buf := make([]byte, n)
		if len := runtime.Stack(buf, false); len < n {
			return buf[:len]
		}
	}
}

// beginnings are functions that create goroutines without losing bindings:
// those that start to handle something from outside, such as a connection, and
// those that run tests.
var beginnings = []string{
	"testing.", "runtime.", "os/signal.",
	"net/http.(*Server).Serve", "net/http.(*http2serverConn).", "net/http/internal/http2.(*serverConn).",
}

// createdBy returns the creator of the goroutine according to its trace, or ""
// for the main goroutine.
func createdBy(trace []byte) string {
	i := bytes.LastIndex(trace, []byte("\ncreated by "))
	if i < 0 {
		return ""
	}
	text, where, _ := strings.Cut(string(trace[i+len("\ncreated by "):]), "\n\t")
	function, _, _ := strings.Cut(text, " in goroutine ")
	for _, prefix := range beginnings {
		if strings.HasPrefix(function, prefix) {
			return ""
		}
	}
	where, _, _ = strings.Cut(where, "\n")
	where, _, _ = strings.Cut(where, " +0x")
	return function + " " + where
}
