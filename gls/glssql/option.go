package glssql

import (
	"context"

	"github.com/seed18162548/contextvars/gls/glsctx"
)

// An Option configures [Open], [Wrap] and [WrapDriver].
type Option func(*config)

// config is what options add up to. It is immutable once they were applied.
type config struct {
	current  func() context.Context // nil: no implicit contexts
	tags     []tag                  // by encoded key, ascending, each once
	prepared bool                   // tag prepared statements too
	slow     *slow                  // nil: log nothing
	args     bool                   // log arguments
}

func newConfig(opts []Option) *config {
	c := &config{current: glsctx.Current}
	for _, opt := range opts {
		opt(c)
	}
	return c
}

// Context says where calls without a context get theirs from: instead of
// [glsctx.Current], from f, which runs on the calling goroutine. If f is nil or
// returns nil, they go without.
func Context(f func() context.Context) Option {
	return func(c *config) { c.current = f }
}

// context returns the context for a call of the driver. As for [glsctx.Or],
// background and to-do contexts count as none. If the implicit one is done, the
// call is not to be made, and fails with the error: package sql, which does the
// same with explicit contexts, does not know of this one, and some drivers give
// up their connection if they are handed it.
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
