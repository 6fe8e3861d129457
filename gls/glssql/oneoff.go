package glssql

import (
	"database/sql/driver"
	"runtime"
	"strings"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

// Package database/sql prepares statements for two reasons. Either the program
// asks for it, and later uses the statement on any goroutine; or a statement is
// to be executed, which the driver cannot do directly, and is prepared,
// executed once and closed. Only the second kind may have a comment with the
// caller's values. On the first kind it would be stale.

// A skip is a statement that the driver refused to execute directly, by
// returning driver.ErrSkip. The same goroutine prepares the statement next.
type skip struct {
	goroutine int64
	query     string
}

// maxSkips is the maximum number of skips of a connection. There may be
// several, because goroutines that share a transaction share a connection.
// Without the limit, code that calls the driver through sql.Conn.Raw and
// prepares nothing would leave its skips behind.
const maxSkips = 64

// skipped records that the driver refused to execute query, if err is
// driver.ErrSkip.
func (c *conn) skipped(query string, err error) {
	if err != driver.ErrSkip || len(c.config.tags) == 0 { //nolint:errorlint // as database/sql compares
		return
	}
	if len(c.skips) == maxSkips {
		c.skips = c.skips[:0]
	}
	c.skips = append(c.skips, skip{goroutine.ID(), query})
}

// unskip removes the skip of the calling goroutine and reports whether it was
// for query.
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
// DB.Query and the like. The driver has no method for these and is not told, so
// executing looks at its callers. If a release of Go renames them, such
// statements get no comment, and TestOneOff fails.
func executing() bool {
	const depth = 32 // more than there are up to here, even through other wrappers
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
