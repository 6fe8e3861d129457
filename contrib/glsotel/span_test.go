package glsotel_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed18162548/contextvars/contrib/glsotel"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/spawn"
)

func TestRunNests(t *testing.T) {
	tp := record(t)
	glsotel.Run(tp.tracer(), "root", func() {
		glsotel.Run(tp.tracer(), "first", func() {
			glsotel.Run(tp.tracer(), "inner", func() {})
		})
		glsotel.Run(tp.tracer(), "second", func() {})
	})
	require.False(t, glsotel.Span().SpanContext().IsValid(), "the root is no longer current")
	root := tp.named(t, "root")
	require.False(t, root.Parent().IsValid())
	requireChild(t, root, tp.named(t, "first"))
	requireChild(t, root, tp.named(t, "second"))
	requireChild(t, tp.named(t, "first"), tp.named(t, "inner"))
}

func TestRunNestsAcrossGoroutines(t *testing.T) {
	tp := record(t)
	stray := make(chan bool)
	glsotel.Run(tp.tracer(), "root", func() {
		var all spawn.WaitGroup
		for _, name := range []string{"a", "b", "c"} {
			all.Go(func() {
				glsotel.Run(tp.tracer(), name, func() {
					glsotel.Run(tp.tracer(), name+"/inner", func() {})
				})
			})
		}
		all.Wait()
		go func() { stray <- glsotel.Span().SpanContext().IsValid() }()
		require.False(t, <-stray, "a plain go statement inherits nothing")
	})
	for _, name := range []string{"a", "b", "c"} {
		requireChild(t, tp.named(t, "root"), tp.named(t, name))
		requireChild(t, tp.named(t, name), tp.named(t, name+"/inner"))
	}
}

func TestSpawnedGoroutineOutlivesItsSpan(t *testing.T) {
	tp := record(t)
	ended, done := make(chan struct{}), make(chan struct{})
	glsotel.Run(tp.tracer(), "root", func() {
		spawn.Go(func() {
			defer close(done)
			<-ended
			glsotel.Run(tp.tracer(), "late", func() {})
		})
	})
	close(ended)
	<-done
	requireChild(t, tp.named(t, "root"), tp.named(t, "late"))
}

func TestRunRestoresWhateverHappens(t *testing.T) {
	tp := record(t)
	glsotel.Run(tp.tracer(), "root", func() {
		root := glsotel.Span()
		require.PanicsWithValue(t, "boom", func() {
			glsotel.Run(tp.tracer(), "panics", func() { panic("boom") })
		})
		require.Equal(t, root, glsotel.Span())
		_, err := spawn.Start(func() (int, error) {
			defer func() { require.Equal(t, root, glsotel.Span()) }()
			glsotel.Run(tp.tracer(), "exits", func() { runtime.Goexit() })
			return 0, nil
		}).Wait()
		require.ErrorIs(t, err, spawn.ErrGoexit)
	})
	for _, name := range []string{"panics", "exits"} {
		span := tp.named(t, name)
		require.Equal(t, codes.Error, span.Status().Code, name)
		require.Empty(t, span.Events(), "the panic was not recovered")
	}
	require.Equal(t, codes.Unset, tp.named(t, "root").Status().Code)
}

func TestRunErrRecords(t *testing.T) {
	tp := record(t)
	failed := errors.New("no stock")
	require.Equal(t, failed, glsotel.RunErr(tp.tracer(), "fails", func() error { return failed }))
	require.NoError(t, glsotel.RunErr(tp.tracer(), "succeeds", func() error { return nil }))
	require.Equal(t, codes.Error, tp.named(t, "fails").Status().Code)
	require.Len(t, tp.named(t, "fails").Events(), 1)
	require.Equal(t, codes.Unset, tp.named(t, "succeeds").Status().Code)
}

func TestNilFunctions(t *testing.T) {
	tp := record(t)
	for name, f := range map[string]func(){
		"Run":       func() { glsotel.Run(tp.tracer(), "x", nil) },
		"RunErr":    func() { _ = glsotel.RunErr(tp.tracer(), "x", nil) },
		"WithSpan":  func() { glsotel.WithSpan(nil, nil) },
		"Restore":   func() { glsotel.Restore(t.Context(), nil) },
		"Peers":     func() { glsotel.Peers(nil) },
		"Trust":     func() { glsotel.Trust(nil) },
		"AllowFunc": func() { glsotel.AllowFunc(nil) },
	} {
		require.ErrorIs(t, recovered(f), gls.ErrNilFunc, name)
	}
	require.Empty(t, tp.spans.Started())
	require.ErrorIs(t, recovered(func() { glsotel.Restore(nil, func(context.Context) {}) }), glsctx.ErrNilContext) //nolint:staticcheck // the point
}

// recovered returns the error that f panics with.
func recovered(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}

// An explicit context is taken as it is; what says nothing is not one.
func TestExplicitContextWins(t *testing.T) {
	tp := record(t)
	tracer := glsotel.Provider(tp).Tracer("test")
	type key struct{}
	elsewhere, other := tp.tracer().Start(context.Background(), "elsewhere")
	defer other.End()
	root := trace.SpanID{}

	glsotel.Run(tp.tracer(), "here", func() {
		here := glsotel.Span().SpanContext().SpanID()
		for _, tt := range []struct {
			name   string
			ctx    context.Context
			parent trace.SpanID
		}{
			{"nil", nil, here},
			{"Background", context.Background(), here},
			{"the implicit one", glsctx.Current(), here},
			{"another span", elsewhere, other.SpanContext().SpanID()},
			{"no span", context.WithValue(context.Background(), key{}, 1), root},
			{"a span that records nothing", trace.ContextWithSpan(context.Background(), nil), root},
		} {
			ctx, span := tracer.Start(tt.ctx, tt.name)
			span.End()
			require.Equal(t, tt.parent, tp.named(t, tt.name).Parent().SpanID(), tt.name)
			require.Equal(t, span, trace.SpanFromContext(ctx), tt.name)
			require.Equal(t, here, glsotel.Span().SpanContext().SpanID(), "%s: it is not made current", tt.name)
		}
	})
}

func TestBaggage(t *testing.T) {
	tp := record(t)
	member, err := baggage.NewMember("plan", "paid")
	require.NoError(t, err)
	b, err := baggage.New(member)
	require.NoError(t, err)
	require.Zero(t, glsotel.Baggage().Len())
	glsotel.WithBaggage(b, func() {
		glsotel.Run(tp.tracer(), "span", func() {
			_, _ = spawn.Start(func() (int, error) {
				require.Equal(t, "paid", glsotel.Baggage().Member("plan").Value())
				require.True(t, glsotel.Span().SpanContext().IsValid())
				return 0, nil
			}).Wait()
			glsotel.WithBaggage(baggage.Baggage{}, func() {
				require.Zero(t, glsotel.Baggage().Len())
				require.True(t, glsotel.Span().SpanContext().IsValid(), "the span stays")
			})
		})
	})
	require.Zero(t, glsotel.Baggage().Len())
}

func TestWithSpan(t *testing.T) {
	tp := record(t)
	_, span := tp.tracer().Start(context.Background(), "handed over")
	glsotel.WithSpan(span, func() {
		require.Equal(t, span, glsotel.Span())
		glsotel.WithSpan(nil, func() { require.False(t, glsotel.Span().SpanContext().IsValid()) })
	})
	require.True(t, span.IsRecording(), "it is not ended")
	span.End()
}
