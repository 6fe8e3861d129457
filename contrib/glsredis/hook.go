package glsredis

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed18162548/contextvars/gls/glsctx"
)

// A hook is the result of NewHook.
type hook struct {
	config // immutable
}

// NewHook returns a hook for a client's AddHook method. It reads variables on
// the goroutine that calls the client. Panics pass through. For a command that
// is neither slow nor failed, the hook costs two readings of the clock.
func NewHook(opts ...Option) redis.Hook {
	h := new(hook)
	for _, o := range opts {
		if o != nil {
			o(&h.config)
		}
	}
	return h
}

// DialHook implements redis.Hook. It returns next.
func (*hook) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (h *hook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		ctx, stop := glsctx.Join(ctx)
		defer stop()
		if internal(cmd) {
			return next(ctx, cmd)
		}
		began := time.Now()
		err := next(ctx, cmd)
		counters.commands.Add(1)
		bad := failure(err)
		if bad != nil {
			counters.failed.Add(1)
		}
		if duration := time.Since(began); h.isSlow(duration) && !waits(cmd) {
			h.logCommand(ctx, duration, cmd, bad)
		}
		return err
	}
}

// ProcessPipelineHook implements redis.Hook.
func (h *hook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		ctx, stop := glsctx.Join(ctx)
		defer stop()
		if !ofProgram(cmds) {
			return next(ctx, cmds)
		}
		began := time.Now()
		err := next(ctx, cmds)
		counters.pipelines.Add(1)
		bad := firstFailure(cmds, err)
		if bad != nil {
			counters.failed.Add(1)
		}
		if duration := time.Since(began); h.isSlow(duration) && !anyWaits(cmds) {
			h.logPipeline(ctx, duration, cmds, bad)
		}
		return err
	}
}

// isSlow reports whether a command that took duration is to be logged.
func (h *hook) isSlow(duration time.Duration) bool {
	return h.slow != nil && duration >= h.slow.threshold
}
