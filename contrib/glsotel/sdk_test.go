package glsotel_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glstest"
)

var (
	tenant  = gls.New[string]("tenant")
	user    = gls.New[string]("user")
	exports = []glsexport.Exported{
		glsexport.Export(tenant, "tenant", glsexport.String()),
		glsexport.ExportHeader(user, "X-User", glsexport.String()),
	}
)

// A recorded is a provider of the SDK and the spans that it has seen end.
type recorded struct {
	*sdktrace.TracerProvider
	spans *tracetest.SpanRecorder
}

// record makes a provider for t, and has t fail if it leaves bindings.
func record(t *testing.T) recorded {
	glstest.CheckLeaks(t)
	spans := tracetest.NewSpanRecorder()
	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	t.Cleanup(func() { require.NoError(t, tp.Shutdown(context.Background())) })
	return recorded{tp, spans}
}

func (r recorded) tracer() trace.Tracer { return r.Tracer("test") }

// named returns the only ended span of that name.
func (r recorded) named(t *testing.T, name string) sdktrace.ReadOnlySpan {
	t.Helper()
	var found []sdktrace.ReadOnlySpan
	for _, s := range r.spans.Ended() {
		if s.Name() == name {
			found = append(found, s)
		}
	}
	require.Len(t, found, 1, "spans named %s", name)
	return found[0]
}

// requireChild fails t unless child's parent is parent, in the same trace.
func requireChild(t *testing.T, parent, child sdktrace.ReadOnlySpan) {
	t.Helper()
	require.Equal(t, parent.SpanContext().TraceID(), child.SpanContext().TraceID(), "%s and %s", parent.Name(), child.Name())
	require.Equal(t, parent.SpanContext().SpanID(), child.Parent().SpanID(), "%s is not in %s", child.Name(), parent.Name())
}
