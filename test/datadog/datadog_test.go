// Package datadog_test shows dd-trace-go's spans in code without a context.
package datadog_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/DataDog/dd-trace-go/v2/ddtrace/mocktracer"
	"github.com/DataDog/dd-trace-go/v2/ddtrace/tracer"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glstest"
	"github.com/seed18162548/contextvars/spawn"
)

// load is code that takes no context, and traces what it does.
func load(name string) {
	span, ctx := tracer.StartSpanFromContext(glsctx.Current(), "load "+name)
	defer span.Finish()
	glsctx.With(ctx, func() { query(name) })
}

func query(name string) {
	span, _ := tracer.StartSpanFromContext(glsctx.Current(), "query "+name)
	span.Finish()
}

func TestSpans(t *testing.T) {
	glstest.CheckLeaks(t)
	mock := mocktracer.Start()
	defer mock.Stop()

	const requests = 20
	var wg sync.WaitGroup
	for i := range requests {
		wg.Go(func() {
			name := fmt.Sprint(i)
			span, ctx := tracer.StartSpanFromContext(context.Background(), "request "+name)
			defer span.Finish()
			glsctx.With(ctx, func() {
				var inner spawn.WaitGroup
				inner.Go(func() { load(name) })
				inner.Wait()
			})
		})
	}
	wg.Wait()
	load("alone")

	spans := make(map[string]*mocktracer.Span)
	for _, s := range mock.FinishedSpans() {
		spans[s.OperationName()] = s
	}
	require.Len(t, spans, 3*requests+2)
	for i := range requests {
		name := fmt.Sprint(i)
		request, load, query := spans["request "+name], spans["load "+name], spans["query "+name]
		require.Equal(t, request.SpanID(), load.ParentID())
		require.Equal(t, load.SpanID(), query.ParentID())
		require.Equal(t, request.TraceID(), query.TraceID())
	}
	require.Zero(t, spans["load alone"].ParentID(), "nothing is bound there")
	require.Equal(t, spans["load alone"].SpanID(), spans["query alone"].ParentID())
}
