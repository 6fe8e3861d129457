// Package glstemporal is a recipe for variables that travel from the code that
// starts a workflow to the activities that it runs.
//
// WARNING: nothing is bound in workflow code, and it must not read variables. A
// workflow is replayed, on other workers and years later, and must make the
// same decisions each time; the bindings of the worker would differ, and the
// SDK could not notice. In workflow code the headers are data in the
// workflow.Context, as they were when the workflow was started, and part of its
// history. Pass a workflow what its decisions depend on as an argument.
package glstemporal

import (
	"context"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// Propagator is a workflow.ContextPropagator, for the options of clients and
// workers. It trusts everyone who may start workflows.
type Propagator []glsexport.Exported

// carriedKey is the key of the headers in a workflow.Context.
type carriedKey struct{}

// Inject writes what is bound in the goroutine that starts the workflow.
func (p Propagator) Inject(_ context.Context, w workflow.HeaderWriter) error {
	headers := glsexport.MapCarrier{}
	glsexport.Inject(headers, p...)
	return write(headers, w)
}

// ExtractToWorkflow stores the headers unchanged.
func (p Propagator) ExtractToWorkflow(ctx workflow.Context, r workflow.HeaderReader) (workflow.Context, error) {
	return workflow.WithValue(ctx, carriedKey{}, p.read(r)), nil
}

// InjectFromWorkflow passes the headers on to activities and child workflows.
func (p Propagator) InjectFromWorkflow(ctx workflow.Context, w workflow.HeaderWriter) error {
	headers, _ := ctx.Value(carriedKey{}).(glsexport.MapCarrier)
	return write(headers, w)
}

// Extract puts the variables into the context of an activity, for gls.RunFrom.
func (p Propagator) Extract(ctx context.Context, r workflow.HeaderReader) (context.Context, error) {
	bindings, _ := glsexport.Extract(p.read(r), p...)
	gls.Isolate(func() { gls.With(func() { ctx = gls.Into(ctx) }, bindings...) })
	return ctx, nil
}

// read returns the headers of p's variables. It ignores headers that are not
// strings.
func (p Propagator) read(r workflow.HeaderReader) glsexport.MapCarrier {
	headers := glsexport.MapCarrier{}
	for _, e := range p {
		var text string
		if payload, ok := r.Get(e.Header()); ok && converter.GetDefaultDataConverter().FromPayload(payload, &text) == nil {
			headers[e.Header()] = text
		}
	}
	return headers
}

func write(headers glsexport.MapCarrier, w workflow.HeaderWriter) error {
	for key, text := range headers {
		payload, err := converter.GetDefaultDataConverter().ToPayload(text)
		if err != nil {
			return err
		}
		w.Set(key, payload)
	}
	return nil
}

// Activities is an interceptor, for worker.Options, that runs every activity in
// a new Context with the variables that [Propagator] put into its context.
type Activities struct {
	interceptor.WorkerInterceptorBase
}

// InterceptActivity implements interceptor.WorkerInterceptor.
func (*Activities) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &activities{interceptor.ActivityInboundInterceptorBase{Next: next}}
}

type activities struct {
	interceptor.ActivityInboundInterceptorBase
}

func (a *activities) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (result any, err error) {
	gls.RunFrom(ctx, func() { result, err = a.Next.ExecuteActivity(ctx, in) })
	return result, err
}
