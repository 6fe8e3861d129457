package glssql

import (
	"database/sql/driver"
	"runtime"
	"strings"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

// Package database/sql prepares statements for two reasons. The program asks
// for it, and uses the statement on any goroutine later; or a statement is to
// be executed, the driver cannot do that directly, and it is prepared, executed
// once and closed. A comment with the caller's values belongs to the second
// kind only. On the first kind it would be stale.

// A skip is a statement that the driver did not execute directly. It answered
// driver.ErrSkip, so the same goroutine prepares the statement next.
type skip struct {
	goroutine int64
	query     string
}

// maxSkips bounds the skips of a connection. Goroutines that share a
// transaction share a connection, so there may be several. Without the bound,
// what calls the driver by sql.Conn.Raw and does not prepare would leave its
// skips behind.
const maxSkips = 64

// skipped notes the answer of the driver to query, if it is driver.ErrSkip.
func (c *conn) skipped(query string, err error) {
	if err != driver.ErrSkip || len(c.config.tags) == 0 { //nolint:errorlint // as database/sql compares
		return
	}
	if len(c.skips) == maxSkips {
		c.skips = c.skips[:0]
	}
	c.skips = append(c.skips, skip{goroutine.ID(), query})
}

// unskip forgets what the calling goroutine was refused, and reports whether
// that was query.
func (c *conn) unskip(query string) (found bool) {
	if len(c.skips) == 0 {
		return false
	}
	id := goroutine.ID()
	kept := c.skips[:0]
	for _, s := range c.skips {
		if s.goroutine == id {
			found = s.query == query
		} else {
			kept = append(kept, s)
		}
	}
	c.skips = kept
	return found
}

// oneOff reports whether query is being prepared to be executed once.
func (c *conn) oneOff(query string) bool {
	return c.unskip(query) || c.indirect && executing()
}

// executing reports whether database/sql prepares a statement for DB.Exec,
// DB.Query and the like. The driver has no method for these, so database/sql
// does not tell: executing looks at its callers. In a release in which they
// have other names, such statements have no comment, and TestOneOff fails.
func executing() bool {
	const depth = 32 // more than there are from here, through other wrappers too
	var pcs [depth]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if method, ok := strings.CutPrefix(f.Function, "database/sql.("); ok {
			name, _, _ := strings.Cut(strings.TrimPrefix(method, "*DB)."), ".") // without func1
			return name == "execDC" || name == "queryDC"
		}
		if !more {
			return false
		}
	}
}
