package glsredis

import (
	"log/slog"
	"time"

	"github.com/seed18162548/contextvars/gls/glslog"
)

// An Option configures [NewHook]. A nil Option is ignored.
type Option func(*config)

// config holds the options of one hook. It is immutable once they have been
// applied.
type config struct {
	slow *slow // nil: log nothing
	args bool  // log arguments
}

// slow is the configuration of Slow. It is immutable.
type slow struct {
	threshold time.Duration
	logger    *slog.Logger // nil: slog.Default
	opts      []glslog.Option
}

// Slow logs commands that take threshold or longer when they are done, with the
// variables that opts name. The line has the name of the command, and
// failed=true if it failed. It has neither keys nor values nor the error, which
// may quote them; see [SlowArgs]. A pipeline is logged as one line, with the
// number of its commands and the first few names.
//
// A nil logger means the result of [slog.Default] at that time. The logger is
// called on the goroutine that called the client. The last of several Slow
// options wins.
func Slow(threshold time.Duration, logger *slog.Logger, opts ...glslog.Option) Option {
	s := &slow{threshold, logger, opts}
	if logger != nil {
		s.logger = s.withVars(logger)
	}
	return func(c *config) { c.slow = s }
}

// SlowArgs makes [Slow] log the arguments of commands, which may be secrets,
// and their errors.
func SlowArgs() Option {
	return func(c *config) { c.args = true }
}

// withVars returns l with the variables added.
func (s *slow) withVars(l *slog.Logger) *slog.Logger {
	return slog.New(glslog.NewHandler(l.Handler(), s.opts...))
}
