package glsredis

import (
	"log/slog"
	"time"

	"github.com/seed18162548/contextvars/gls/glslog"
)

// An Option configures [NewHook]. A nil Option is ignored.
type Option func(*config)

// config is what options add up to. It is immutable once they were applied.
type config struct {
	slow *slow // nil: log nothing
	args bool  // log arguments
}

// slow is what Slow configures. It is immutable.
type slow struct {
	threshold time.Duration
	logger    *slog.Logger // nil: slog.Default
	opts      []glslog.Option
}

// Slow logs commands that take threshold or longer, once they are done, with
// the variables that opts name. The line has the name of the command, and
// failed=true if it failed. It has neither keys nor values nor the error, which
// may quote them; see [SlowArgs]. A pipeline has one line, with the number of
// its commands and the first few names.
//
// A nil logger means the [slog.Default] of the moment. The logger is called on
// the goroutine that called the client. Of several Slow options the last
// counts.
func Slow(threshold time.Duration, logger *slog.Logger, opts ...glslog.Option) Option {
	s := &slow{threshold, logger, opts}
	if logger != nil {
		s.logger = s.withVars(logger)
	}
	return func(c *config) { c.slow = s }
}

// SlowArgs adds to slow commands their arguments, which may be anybody's
// secrets, and their errors.
func SlowArgs() Option {
	return func(c *config) { c.args = true }
}

// withVars returns l with the variables.
func (s *slow) withVars(l *slog.Logger) *slog.Logger {
	return slog.New(glslog.NewHandler(l.Handler(), s.opts...))
}
