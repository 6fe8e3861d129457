package glspprof

import (
	"context"
	"fmt"
	"runtime/pprof"
	"runtime/trace"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/internal/inner"
)

// A Mirror knows which variables become labels. Make it with [New], once, at
// package level. It may be used by any number of goroutines at once.
type Mirror struct {
	region string  // immutable
	labels []label // immutable after New
}

// A label is one variable that is mirrored.
type label struct {
	key  string
	find func() (x string, ok bool)
}

// An Option adds to what a [Mirror] shows.
type Option func(*Mirror)

// New returns a mirror of the variables of opts. In execution traces, the time
// within a function is a region of type region, with a log message for each
// variable.
func New(region string, opts ...Option) *Mirror {
	m := &Mirror{region: region}
	for _, opt := range opts {
		opt(m)
	}
	return m
}

// Label mirrors v under its own name, as [fmt.Sprint] prints its value. Where v
// is not bound, there is no label: its default does not count.
func Label[T any](v *gls.Var[T]) Option {
	return LabelFunc(v.Name(), v, textOf[T])
}

// LabelFunc mirrors v under the given key, with the value that text returns. It
// is for variables with too many values, which text groups into few. Of several
// labels with one key the last that is bound counts. A nil text panics with
// [gls.ErrNilFunc].
func LabelFunc[T any](key string, v *gls.Var[T], text func(T) string) Option {
	if text == nil {
		panic(inner.NilFunc("glspprof.LabelFunc"))
	}
	find := func() (string, bool) {
		x, ok := v.Lookup()
		if !ok {
			return "", false
		}
		return text(x), true
	}
	return func(m *Mirror) { m.labels = append(m.labels, label{key, find}) }
}

// Do is [Mirror.DoContext] with the context [glsctx.Current], for functions
// without one.
func (m *Mirror) Do(f func()) {
	if f == nil {
		panic(inner.NilFunc("glspprof.Mirror.Do"))
	}
	m.DoContext(glsctx.Current(), func(context.Context) { f() })
}

// DoContext calls f while the goroutine has the labels of ctx and, besides, one
// for every variable that is bound now. Afterwards it has the labels of ctx,
// also if f panics or calls [runtime.Goexit]. If no variable is bound, labels
// are left alone.
//
// f gets a context with these labels, which is [glsctx.Current] for it too, so
// that a Do within f adds to them and gives them back. A nil ctx panics with
// [glsctx.ErrNilContext], a nil f with [gls.ErrNilFunc].
//
// It costs some allocations for the labels and, while a trace is recorded, one
// event for each: fit for a request or a job, not for an inner loop.
func (m *Mirror) DoContext(ctx context.Context, f func(context.Context)) {
	switch {
	case ctx == nil:
		panic(glsctx.ErrNilContext)
	case f == nil:
		panic(inner.NilFunc("glspprof.Mirror.DoContext"))
	}
	within := func(ctx context.Context) {
		glsctx.With(ctx, func() { f(ctx) })
	}
	pairs := m.pairs()
	if trace.IsEnabled() {
		defer trace.StartRegion(ctx, m.region).End()
		for i := 0; i < len(pairs); i += 2 {
			trace.Log(ctx, pairs[i], pairs[i+1])
		}
	}
	if len(pairs) == 0 {
		within(ctx)
		return
	}
	pprof.Do(ctx, pprof.Labels(pairs...), within)
}

// pairs returns keys and values of the bound variables, alternately.
func (m *Mirror) pairs() (pairs []string) {
	for _, l := range m.labels {
		if x, ok := l.find(); ok {
			pairs = append(pairs, l.key, x)
		}
	}
	return pairs
}

// textOf returns x as text.
func textOf[T any](x T) string {
	if s, ok := any(&x).(*string); ok {
		return *s
	}
	return fmt.Sprint(x)
}
