package glspprof

import (
	"context"
	"runtime/pprof"
	"runtime/trace"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsctx"
)

// A Mirror is a set of variables that become labels. Create it with [New],
// once, at package level. It may be used by several goroutines at once.
type Mirror struct {
	region string                     // immutable
	labels []glsadapter.Field[string] // immutable after New
}

// An Option adds to what a [Mirror] shows.
type Option func(*Mirror)

// New returns a mirror of the variables of opts. In execution traces, each call
// of [Mirror.Do] is a region of type region, with a log message for each
// variable. Nil options are ignored.
func New(region string, opts ...Option) *Mirror {
	m := &Mirror{region: region}
	for _, opt := range opts {
		if opt != nil {
			opt(m)
		}
	}
	return m
}

// Label mirrors v under its own name, with its value as [fmt.Sprint] prints it.
// If v is not bound, there is no label; its default does not count.
func Label[T any](v *gls.Var[T]) Option {
	return LabelFunc(v.Name(), v, glsadapter.TextOf[T])
}

// LabelFunc mirrors v under the given key, with the value that text returns.
// Use it to map the values of a variable that has too many to a few. Of several
// labels with the same key, the last one that is bound wins. LabelFunc panics
// with [gls.ErrNilFunc] if text is nil.
func LabelFunc[T any](key string, v *gls.Var[T], text func(T) string) Option {
	label := glsadapter.NewField("glspprof.LabelFunc", key, v, text)
	return func(m *Mirror) { m.labels = append(m.labels, label) }
}

// Do is [Mirror.DoContext] with the context [glsctx.Current], for functions
// without one.
func (m *Mirror) Do(f func()) {
	glsadapter.MustFunc("glspprof.Mirror.Do", f == nil)
	m.DoContext(glsctx.Current(), func(context.Context) { f() })
}

// DoContext calls f while the goroutine has the labels of ctx and one more for
// every variable that is bound now. Afterwards it has the labels of ctx, even
// if f panics or calls [runtime.Goexit]. If no variable is bound, the labels
// stay as they are.
//
// f receives a context with these labels. In f, [glsctx.Current] returns the
// same context, so a Do within f adds to the labels and restores them.
// DoContext panics with [glsctx.ErrNilContext] if ctx is nil and with
// [gls.ErrNilFunc] if f is nil.
//
// It costs some allocations for the labels and, while a trace is recorded, one
// event for each. Use it for a request or a job, not in an inner loop.
func (m *Mirror) DoContext(ctx context.Context, f func(context.Context)) {
	if ctx == nil {
		panic(glsadapter.Misuse(glsctx.ErrNilContext, "glspprof.Mirror.DoContext"))
	}
	glsadapter.MustFunc("glspprof.Mirror.DoContext", f == nil)
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

// pairs returns the keys and values of the bound variables, alternating.
func (m *Mirror) pairs() (pairs []string) {
	for _, l := range m.labels {
		if x, ok := l.Find(); ok {
			pairs = append(pairs, l.Key, x)
		}
	}
	return pairs
}
