// Package glsasynq is a recipe for variables in the headers of asynq's tasks.
package glsasynq

import (
	"context"

	"github.com/hibiken/asynq"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// NewTask is like asynq.NewTaskWithHeaders; the headers are the current
// bindings of vars.
func NewTask(name string, payload []byte, vars []glsexport.Exported, opts ...asynq.Option) *asynq.Task {
	headers := glsexport.MapCarrier{}
	glsexport.Inject(headers, vars...)
	return asynq.NewTaskWithHeaders(name, payload, headers, opts...)
}

// Middleware returns middleware, for asynq's ServeMux.Use, that handles each
// task, and each retry of it, in a new Context with vars bound to the values in
// the headers. It trusts everyone who may write to the queue.
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
