package glstemporal_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/seed18162548/contextvars/contrib/recipes/glstemporal"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glstest"
)

var (
	tenant     = gls.New[string]("tenant")
	user       = gls.New[string]("user")
	propagator = glstemporal.Propagator{
		glsexport.Export(tenant, "tenant", glsexport.String()),
		glsexport.ExportHeader(user, "X-User", glsexport.String()),
	}
)

// header is what a client sends when it starts a workflow.
type header map[string]*commonpb.Payload

func (h header) Set(key string, value *commonpb.Payload) { h[key] = value }

// greet is an activity that leaves something bound.
func greet(_ context.Context, name string) (string, error) {
	defer tenant.Set("left behind")
	return name + " " + tenant.Get() + " " + user.Get(), nil
}

// hello is a workflow with a child workflow, two activities at once, and no
// variables.
func hello(ctx workflow.Context, depth int) (greetings []string, err error) {
	_, bound := tenant.Lookup()
	if bound {
		return nil, errors.New("a variable is bound in workflow code")
	}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	one, two := workflow.ExecuteActivity(ctx, greet, "one"), workflow.ExecuteActivity(ctx, greet, "two")
	for _, f := range []workflow.Future{one, two} {
		var greeting string
		if err := f.Get(ctx, &greeting); err != nil {
			return nil, err
		}
		greetings = append(greetings, greeting)
	}
	if depth > 0 {
		var more []string
		err = workflow.ExecuteChildWorkflow(ctx, hello, depth-1).Get(ctx, &more)
		greetings = append(greetings, more...)
	}
	return greetings, err
}

// Temporal's own test environment, which runs workflows and activities as
// workers do.
func TestActivitiesHaveTheStartersVariables(t *testing.T) {
	for name, tt := range map[string]struct {
		start func(h header) // as a client does
		want  string
	}{
		"bound": {func(h header) {
			tenant.With("Zoë", func() { user.With("ann", func() { require.NoError(t, propagator.Inject(t.Context(), h)) }) })
		}, "Zoë ann"},
		"unbound": {func(h header) { require.NoError(t, propagator.Inject(t.Context(), h)) }, " "},
		"no string": {func(h header) {
			user.With("ann", func() { require.NoError(t, propagator.Inject(t.Context(), h)) })
			h["baggage"] = &commonpb.Payload{Data: []byte{0xff}}
		}, " ann"},
		"ambiguous": {func(h header) {
			tenant.With("a", func() { require.NoError(t, propagator.Inject(t.Context(), h)) })
			h["baggage"].Data = []byte(`"tenant=a,tenant=b"`)
		}, " "},
	} {
		t.Run(name, func(t *testing.T) {
			glstest.CheckLeaks(t)
			h := header{}
			tt.start(h)
			env := new(testsuite.WorkflowTestSuite).NewTestWorkflowEnvironment()
			env.SetContextPropagators([]workflow.ContextPropagator{propagator})
			env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&glstemporal.Activities{}}})
			env.SetHeader(&commonpb.Header{Fields: h})
			env.RegisterActivity(greet)
			env.RegisterWorkflow(hello)
			env.ExecuteWorkflow(hello, 1)
			require.NoError(t, env.GetWorkflowError())
			var got []string
			require.NoError(t, env.GetWorkflowResult(&got))
			require.Equal(t, []string{"one " + tt.want, "two " + tt.want, "one " + tt.want, "two " + tt.want}, got)
			require.Zero(t, gls.Live())
		})
	}
}
