package glsotel_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/seed18162548/contextvars/contrib/glsotel"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glshttp"
	"github.com/seed18162548/contextvars/spawn"
)

// printed prints spans as they end.
type printed struct{}

func (printed) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	for _, s := range spans {
		fmt.Println(s.Name(), "ended, has a parent:", s.Parent().IsValid())
	}
	return nil
}

func (printed) Shutdown(context.Context) error { return nil }

// No function has a context for a parameter, and the spans nest.
func ExampleRun() {
	tp := sdktrace.NewTracerProvider(sdktrace.WithSyncer(printed{}))
	tracer := tp.Tracer("shop")

	total := func() { glsotel.Run(tracer, "total", func() {}) }
	order := func() {
		glsotel.Run(tracer, "order", func() {
			var all spawn.WaitGroup
			all.Go(total)
			all.Wait()
		})
	}
	order()
	// Output:
	// total ended, has a parent: true
	// order ended, has a parent: false
}

// A variable, the trace and OpenTelemetry's baggage go from one service to
// another.
func ExamplePropagator() {
	user := gls.New[string]("user")
	propagator := propagation.NewCompositeTextMapPropagator(
		propagation.TraceContext{},
		propagation.Baggage{},
		glsotel.Propagator(glsexport.Export(user, "user", glsexport.String())))

	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello ", user.Get()) })
	internal := glsotel.Trust(func(r *http.Request) bool { return true /* say, r.TLS has a certificate of ours */ })
	server := httptest.NewServer(glshttp.Handler(glsotel.Handler(hello, glsotel.UsePropagator(propagator), internal)))
	defer server.Close()
	client := &http.Client{Transport: glsotel.Transport(nil, glsotel.UsePropagator(propagator))}

	user.With("Amélie", func() { fmt.Println(fetch(client, server.URL)) })
	// Output:
	// hello Amélie <nil>
}
