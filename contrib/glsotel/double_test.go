package glsotel_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed18162548/contextvars/contrib/glsotel"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glshttp"
)

// What may be set as a propagator, here or there.
var propagators = map[string]propagation.TextMapPropagator{
	"all":       all,
	"w3c":       propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}),
	"trace":     propagation.TraceContext{},
	"variables": glsotel.Propagator(exports...),
	"ours last": propagation.NewCompositeTextMapPropagator(glsotel.Propagator(exports...), propagation.Baggage{}, propagation.TraceContext{}),
}

// A layer is instrumentation of a server.
type layer func(tp trace.TracerProvider, p propagation.TextMapPropagator, trusted bool, next http.Handler) http.Handler

func otelhttpLayer(tp trace.TracerProvider, p propagation.TextMapPropagator, _ bool, next http.Handler) http.Handler {
	return otelhttp.NewHandler(next, "server", otelhttp.WithTracerProvider(tp), otelhttp.WithPropagators(p))
}

func ourLayer(tp trace.TracerProvider, p propagation.TextMapPropagator, trusted bool, next http.Handler) http.Handler {
	opts := []glsotel.Option{nil, glsotel.UseProvider(tp), glsotel.UsePropagator(p)}
	if trusted {
		opts = append(opts, glsotel.Trust(everybody))
	}
	return glsotel.Handler(next, opts...)
}

// stacks are servers that are instrumented more than once, from the outside in.
var stacks = map[string][]layer{
	"ours":                     {ourLayer},
	"otelhttp, ours":           {otelhttpLayer, ourLayer},
	"ours, otelhttp":           {ourLayer, otelhttpLayer},
	"otelhttp, ours, otelhttp": {otelhttpLayer, ourLayer, otelhttpLayer},
	"otelhttp, otelhttp, ours": {otelhttpLayer, otelhttpLayer, ourLayer},
	"ours, ours":               {ourLayer, ourLayer},
}

// clients are ways to call the next server.
var clientsOf = map[string]func(tp trace.TracerProvider) http.RoundTripper{
	"ours": func(tp trace.TracerProvider) http.RoundTripper {
		return glsotel.Transport(nil, glsotel.UseProvider(tp), glsotel.UsePropagator(all))
	},
	"otelhttp": func(tp trace.TracerProvider) http.RoundTripper {
		return otelhttp.NewTransport(nil, otelhttp.WithTracerProvider(tp), otelhttp.WithPropagators(all))
	},
	"otelhttp, ours": func(tp trace.TracerProvider) http.RoundTripper {
		return otelhttp.NewTransport(glsotel.Transport(nil, glsotel.UsePropagator(all)), otelhttp.WithTracerProvider(tp), otelhttp.WithPropagators(all))
	},
	"ours, otelhttp": func(tp trace.TracerProvider) http.RoundTripper {
		return glsotel.Transport(otelhttp.NewTransport(nil, otelhttp.WithPropagators(all)), glsotel.UseProvider(tp), glsotel.UsePropagator(all))
	},
}

// A last is the server at the end, which keeps the headers of what it is asked.
type last struct {
	*httptest.Server
	seen chan http.Header
}

func newLast(t *testing.T) last {
	l := last{seen: make(chan http.Header, 1)}
	l.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { l.seen <- r.Header }))
	t.Cleanup(l.Close)
	return l
}

// With whatever instrumentation in front of glsotel.Handler and behind it, and
// whatever propagators these use, nothing that an untrusted request says is
// bound or sent on: not by a client that is given the request's context, not by
// one that has none, and not by a proxy.
func TestDoubleInstrumentation(t *testing.T) {
	tp := record(t)
	backend := newLast(t)
	target, err := url.Parse(backend.URL)
	require.NoError(t, err)

	for stackName, stack := range stacks {
		for frontName, front := range propagators {
			for ownName, own := range propagators {
				for clientName, client := range clientsOf {
					name := fmt.Sprintf("%s; front %s, own %s; client %s", stackName, frontName, ownName, clientName)
					c := http.Client{Transport: client(tp)}
					proxy := &httputil.ReverseProxy{Transport: c.Transport, Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target) }}
					ways := map[string]func(w http.ResponseWriter, r *http.Request){
						"explicit": func(_ http.ResponseWriter, r *http.Request) {
							req, _ := http.NewRequestWithContext(r.Context(), "GET", backend.URL, nil)
							closing(c.Do(req))
						},
						"implicit": func(http.ResponseWriter, *http.Request) { closing(c.Get(backend.URL)) },
						"proxy":    proxy.ServeHTTP,
					}
					for way, call := range ways {
						for _, known := range []bool{false, true} {
							var bound string
							var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
								bound = tenant.Get() + user.Get()
								if known { // by what this server knows itself
									defer tenant.Set("acme").Reset()
									defer user.Set("ann").Reset()
								}
								call(w, r)
							})
							for i := len(stack) - 1; i >= 0; i-- {
								p := own
								if i == 0 && len(stack) > 1 {
									p = front
								}
								h = stack[i](tp, p, false, h)
							}
							r := httptest.NewRequest("GET", "/", nil)
							r.Header.Set("baggage", "tenant=evil,Tenant=evil2,%74enant=evil3")
							r.Header.Set("X-User", "evil")
							r.Header.Set("traceparent", "00-"+remoteTrace+"-"+remoteSpan+"-01")
							glshttp.Handler(h).ServeHTTP(httptest.NewRecorder(), r)

							header := <-backend.seen
							require.Empty(t, bound, "%s, %s", name, way)
							require.NotContains(t, fmt.Sprint(header), "evil", "%s, %s", name, way)
							if known {
								require.Equal(t, []string{"tenant=acme"}, header["Baggage"], "%s, %s", name, way)
								require.Equal(t, []string{"ann"}, header["X-User"], "%s, %s", name, way)
							}
							require.LessOrEqual(t, len(header["Traceparent"]), 1)
						}
					}
				}
			}
		}
	}
}

func closing(resp *http.Response, err error) {
	if err == nil {
		resp.Body.Close()
	}
}

const scopeOfHandler = "github.com/seed18162548/contextvars/contrib/glsotel"

// The control: a trusted request is believed through every stack, and our span
// is a child of the one in front.
func TestDoubleInstrumentationOfTrustedRequests(t *testing.T) {
	for name, stack := range stacks {
		t.Run(name, func(t *testing.T) {
			tp := record(t)
			var bound string
			var h http.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				bound = tenant.Get() + " " + user.Get()
			})
			for i := len(stack) - 1; i >= 0; i-- {
				h = stack[i](tp, all, true, h)
			}
			glshttp.Handler(h).ServeHTTP(httptest.NewRecorder(), request("GET", "/"))
			require.Equal(t, "acme ann", bound)

			ended := tp.spans.Ended() // from the inside out
			require.Len(t, ended, len(stack))
			for i, s := range ended {
				require.Equal(t, remoteTrace, s.SpanContext().TraceID().String())
				if outer := i + 1; outer < len(ended) && s.InstrumentationScope().Name == scopeOfHandler {
					requireChild(t, ended[outer], s) // otelhttp makes itself a child of the remote one
				}
			}
			require.Equal(t, remoteSpan, ended[len(ended)-1].Parent().SpanID().String())
		})
	}
}

// Middleware that extracts and starts no span leaves a remote one in the
// context.
func TestHandlerStripsWhatOthersExtracted(t *testing.T) {
	tp := record(t)
	ran := false
	h := glsotel.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ran = true
		require.Zero(t, glsotel.Baggage().Len())
		glsotel.Restore(r.Context(), func(context.Context) { require.Empty(t, tenant.Get()+user.Get()) })
		require.Equal(t, "kept", r.Context().Value(arrivalKey{}))
	}), glsotel.UseProvider(tp), glsotel.UsePropagator(propagation.TraceContext{}))
	r := request("GET", "/")
	ctx := all.Extract(context.WithValue(context.Background(), arrivalKey{}, "kept"), propagation.HeaderCarrier(r.Header))
	r = r.WithContext(ctx)
	r.Header = http.Header{"X-User": {"ann"}}
	h.ServeHTTP(httptest.NewRecorder(), r)
	require.True(t, ran)
	require.Empty(t, r.Header, "a header that the Propagator in front has read")
	span := tp.named(t, "GET")
	require.False(t, span.Parent().IsValid())
	require.Len(t, span.Links(), 1)
}

type arrivalKey struct{}

func TestStrip(t *testing.T) {
	tp := record(t)
	require.Equal(t, context.Background(), glsotel.Strip(context.Background()), "nothing to strip")

	remote := all.Extract(context.Background(), propagation.MapCarrier{"baggage": "a=1,tenant=acme", "traceparent": "00-" + remoteTrace + "-" + remoteSpan + "-01"})
	stripped := glsotel.Strip(remote)
	require.False(t, trace.SpanContextFromContext(stripped).IsValid())
	glsotel.Restore(stripped, func(context.Context) {
		require.Empty(t, tenant.Get())
		require.Zero(t, glsotel.Baggage().Len())
	})

	local, span := tp.tracer().Start(remote, "server")
	defer span.End()
	require.Equal(t, span.SpanContext(), trace.SpanContextFromContext(glsotel.Strip(local)))
	var none context.Context
	err := recovered(func() { glsotel.Strip(none) })
	require.ErrorIs(t, err, glsctx.ErrNilContext)
	require.ErrorContains(t, err, "glsotel.Strip called by goroutine ")
}

// A proxy with our Transport repeats nothing of its client, told or not, unless
// it says so.
func TestTransportOwnsItsHeaders(t *testing.T) {
	for _, tt := range []struct {
		name, url string
		opts      []glsotel.Option
		evil      bool
	}{
		{"told", "http://localhost/", nil, false},
		{"not told", "http://example.com/", nil, false},
		{"kept", "http://example.com/", []glsotel.Option{glsotel.KeepHeaders()}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := &wire{}
			transport := glsotel.Transport(w, append(tt.opts, glsotel.UsePropagator(all))...)
			req := httptest.NewRequest("GET", tt.url, nil)
			req.Header = http.Header{"Baggage": {"tenant=evil"}, "X-User": {"evil"}, "traceparent": {"evil"}, "Accept": {"*/*"}}
			_, err := transport.RoundTrip(req)
			require.NoError(t, err)
			require.Len(t, req.Header, 4, "the caller's request")
			require.Equal(t, tt.evil, strings.Contains(fmt.Sprint(w.sent.Header), "evil"), "%v", w.sent.Header)
			require.Equal(t, "*/*", w.sent.Header.Get("Accept"))
		})
	}
}
