package glssql

import (
	"context"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
)

// An Option configures [Open], [Wrap] and [WrapDriver]. A nil Option is
// ignored.
type Option func(*config)

// config holds the options of one database. It is immutable once they have been
// applied.
type config struct {
	current  func() context.Context // nil: no implicit contexts
	tags     []tag                  // sorted by key, without duplicates
	prepared bool                   // whether prepared statements get comments
	cache    *bool                  // whether the driver caches statements; nil: see caches
	omit     func(gls.AnyVar)       // may be nil
	variety  *variety               // of the comments, for drivers that cache
	slow     *slow                  // nil: log nothing
	args     bool                   // log arguments
}

func newConfig(opts []Option) *config {
	c := &config{current: glsctx.Current}
	for _, opt := range opts {
		if opt != nil {
			opt(c)
		}
	}
	c.variety = newVariety(len(c.tags), c.omit)
	return c
}

// Context sets a function that supplies the context for calls that have none,
// in place of [glsctx.Current]. f runs on the calling goroutine. If f is nil or
// returns nil, these calls have no implicit context.
func Context(f func() context.Context) Option {
	return func(c *config) { c.current = f }
}

// context returns the context for a call of the driver. As with [glsctx.Or],
// nil, [context.Background] and [context.TODO] count as no context. If the
// implicit one is done, context returns its error and the call must not be
// made. Package sql does the same with explicit contexts, but does not know of
// this one, and some drivers give up their connection if they are given a
// context that is done.
func (c *config) context(ctx context.Context) (context.Context, error) {
	if c.current == nil || ctx != context.Background() && ctx != context.TODO() {
		return ctx, nil
	}
	implicit := c.current()
	switch {
	case implicit == nil:
		return ctx, nil
	case done(implicit):
		return nil, implicit.Err()
	}
	return implicit, nil
}
