// Package glsasynq is a recipe: variables in the headers of asynq's tasks.
package glsasynq

import (
	"context"

	"github.com/hibiken/asynq"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// NewTask is asynq.NewTaskWithHeaders with vars, as they are bound now, for
// headers.
func NewTask(name string, payload []byte, vars []glsexport.Exported, opts ...asynq.Option) *asynq.Task {
	headers := glsexport.MapCarrier{}
	glsexport.Inject(headers, vars...)
	return asynq.NewTaskWithHeaders(name, payload, headers, opts...)
}

// Middleware returns the middleware, for asynq's ServeMux.Use, that handles
// each task, and each retry of it, in a Context of its own with vars bound to
// what the headers say. Whoever may write to the queue is believed.
func Middleware(vars ...glsexport.Exported) asynq.MiddlewareFunc {
	return func(next asynq.Handler) asynq.Handler {
		return asynq.HandlerFunc(func(ctx context.Context, task *asynq.Task) (err error) {
			bindings, _ := glsexport.Extract(glsexport.MapCarrier(task.Headers()), vars...)
			gls.Isolate(func() {
				gls.With(func() { err = next.ProcessTask(ctx, task) }, bindings...)
			})
			return err
		})
	}
}
