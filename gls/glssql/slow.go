package glssql

import (
	"context"
	"database/sql/driver"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/seed18162548/contextvars/gls/glslog"
)

// slow is the configuration of Slow. It is immutable.
type slow struct {
	threshold time.Duration
	logger    *slog.Logger // nil: slog.Default
	opts      []glslog.Option
}

// Slow logs statements that take threshold or longer when they are done, with
// the variables that opts name:
//
//	level=WARN msg="slow statement" duration=1.2s query="SELECT …" tenant=acme
//
// The query is the text that the program passed, without comment. If the
// statement failed, the line has failed=true but not the error, which may quote
// arguments; see [SlowArgs]. Slow measures statements, whether executed
// directly or prepared before, but not Prepare and the ends of transactions.
// The time of a query is the time until the driver returns its rows.
//
// A nil logger means the result of [slog.Default] at that time. The logger is
// called on the goroutine that ran the statement, while the connection is
// locked: it must not use the database.
func Slow(threshold time.Duration, logger *slog.Logger, opts ...glslog.Option) Option {
	s := &slow{threshold, logger, opts}
	if logger != nil {
		s.logger = s.withVars(logger)
	}
	return func(c *config) { c.slow = s }
}

// SlowArgs makes [Slow] log the arguments of statements, which may be secrets,
// and their errors.
func SlowArgs() Option {
	return func(c *config) { c.args = true }
}

// withVars returns l with the variables added.
func (s *slow) withVars(l *slog.Logger) *slog.Logger {
	return slog.New(glslog.NewHandler(l.Handler(), s.opts...))
}

// now returns the current time, or the zero time if finish does not need it.
func (c *config) now() (t time.Time) {
	if c.slow != nil {
		t = time.Now()
	}
	return t
}

// finish logs the statement that began when now returned began, if it was slow.
func (c *config) finish(ctx context.Context, began time.Time, query string, args []driver.NamedValue, err error) {
	if c.slow == nil || errors.Is(err, driver.ErrSkip) { // skipped: it is not done, but prepared next
		return
	}
	duration := time.Since(began)
	if duration < c.slow.threshold {
		return
	}
	attrs := []slog.Attr{slog.Duration("duration", duration), slog.String("query", query)}
	if err != nil {
		attrs = append(attrs, slog.Bool("failed", true))
	}
	if c.args {
		attrs = append(attrs, slog.Attr{Key: "args", Value: argsOf(args)})
		if err != nil {
			attrs = append(attrs, slog.String("error", err.Error()))
		}
	}
	logger := c.slow.logger
	if logger == nil {
		logger = c.slow.withVars(slog.Default())
	}
	logger.LogAttrs(ctx, slog.LevelWarn, "slow statement", attrs...)
}

// argsOf returns args as a group. The key of an argument is its name or, if it
// has none, its number.
func argsOf(args []driver.NamedValue) slog.Value {
	attrs := make([]slog.Attr, len(args))
	for i, arg := range args {
		key := arg.Name
		if key == "" {
			key = strconv.Itoa(arg.Ordinal)
		}
		attrs[i] = slog.Any(key, arg.Value)
	}
	return slog.GroupValue(attrs...)
}
