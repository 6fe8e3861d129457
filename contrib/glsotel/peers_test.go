package glsotel_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"

	"github.com/seed18162548/contextvars/contrib/glsotel"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsctx"
)

const (
	remoteTrace = "0af7651916cd43dd8448eb211c80319c"
	remoteSpan  = "b7ad6b7169203331"
)

// request returns one with all headers that the propagator reads.
func request(method, target string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	r.Header.Set("traceparent", "00-"+remoteTrace+"-"+remoteSpan+"-01")
	r.Header.Set("baggage", "a=1,tenant=acme")
	r.Header.Set("X-User", "ann")
	r.Header.Set("X-Other", "kept")
	return r
}

func TestHandlerTrustsNobody(t *testing.T) {
	tp := record(t)
	onward := propagation.HeaderCarrier{}
	var seen *http.Request
	h := glsotel.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen = r
		_, bound := tenant.Lookup()
		require.False(t, bound)
		require.Zero(t, glsotel.Baggage().Len())
		all.Inject(r.Context(), onward)
	}), glsotel.UseProvider(tp), glsotel.UsePropagator(all))

	r := request("GET", "/")
	headers := r.Header
	h.ServeHTTP(httptest.NewRecorder(), r)
	require.Equal(t, http.Header{"X-Other": {"kept"}}, seen.Header)
	require.Len(t, headers, 4, "the map itself is not ours to change")
	require.Empty(t, onward.Get("baggage"), "nothing goes on to those who trust us")

	span := tp.named(t, "GET")
	require.False(t, span.Parent().IsValid())
	require.NotEqual(t, remoteTrace, span.SpanContext().TraceID().String())
	require.Len(t, span.Links(), 1)
	require.Equal(t, remoteTrace, span.Links()[0].SpanContext.TraceID().String())
}

func TestHandlerAsksWhomToTrust(t *testing.T) {
	tp := record(t)
	h := glsotel.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, r.Context(), glsctx.Current())
		_, _ = w.Write([]byte(tenant.Get()))
	}), glsotel.UseProvider(tp), glsotel.UsePropagator(all),
		glsotel.Trust(func(r *http.Request) bool { return r.URL.Path == "/trusted" }))
	for path, want := range map[string]string{"/trusted": "acme", "/other": ""} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request("GET", path))
		require.Equal(t, want, w.Body.String(), path)
	}
}

func TestHandlerNamesSpans(t *testing.T) {
	tp := record(t)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/any", func(http.ResponseWriter, *http.Request) {})
	h := glsotel.Handler(mux, glsotel.UseProvider(tp), glsotel.UsePropagator(all))
	for _, tt := range []struct{ method, path, want string }{
		{"GET", "/orders/7", "GET /orders/{id}"},
		{"POST", "/any", "POST /any"},
		{"GET", "/nowhere", "GET"},
		{"INVENTED", "/nowhere", "_OTHER"},
	} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(tt.method, tt.path, nil))
		tp.named(t, tt.want)
	}
}

func TestHandlerPassesPanics(t *testing.T) {
	tp := record(t)
	h := glsotel.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
		glsotel.UseProvider(tp), glsotel.UsePropagator(all), glsotel.Trust(everybody))
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { h.ServeHTTP(httptest.NewRecorder(), request("GET", "/")) })
	require.Equal(t, codes.Error, tp.named(t, "GET").Status().Code)
	_, bound := tenant.Lookup()
	require.False(t, bound)
}

// A wire is a RoundTripper that keeps what it was to send.
type wire struct {
	sent *http.Request
	err  error
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.sent = r
	return &http.Response{StatusCode: 503, Body: http.NoBody}, w.err
}

func TestTransportSendsToAllowedHostsOnly(t *testing.T) {
	tp := record(t)
	for _, tt := range []struct {
		url, host string
		told      bool
	}{
		{"http://localhost:80/", "", true},
		{"http://127.0.0.1/", "", true},
		{"http://[::1]:8080/", "", true},
		{"http://[::ffff:127.0.0.1]/", "localhost", true},
		{"http://example.com/", "", false},
		{"http://127.0.0.1/", "example.com", false},
		{"http://localhost.example.com/", "", false},
		{"http://127.0.0.1.example.com/", "", false},
		{"http://127.0.0.1@example.com/", "", false},
	} {
		w := &wire{}
		transport := glsotel.Transport(w, glsotel.UseProvider(tp), glsotel.UsePropagator(all))
		req, err := http.NewRequest("GET", tt.url, nil)
		require.NoError(t, err)
		req.Host = tt.host
		tenant.With("acme", func() { _, err = transport.RoundTrip(req) })
		require.NoError(t, err)
		require.Empty(t, req.Header, "the caller's request is not changed")
		if tt.told {
			require.Equal(t, "tenant=acme", w.sent.Header.Get("baggage"), tt.url)
			require.NotEmpty(t, w.sent.Header.Get("traceparent"), tt.url)
		} else {
			require.Empty(t, w.sent.Header, tt.url)
		}
	}
	opaque := &http.Request{URL: &url.URL{Scheme: "http", Host: "localhost", Opaque: "//example.com/"}, Header: http.Header{}}
	w := &wire{}
	_, err := glsotel.Transport(w, glsotel.UseProvider(tp), glsotel.UsePropagator(all)).RoundTrip(opaque)
	require.NoError(t, err)
	require.Empty(t, w.sent.Header)

	for _, option := range []glsotel.Option{
		glsotel.AllowHosts("EXAMPLE.com"),
		glsotel.AllowHosts("example.com:80"),
		glsotel.AllowFunc(func(name, port string) bool { return name == "example.com" && port == "80" }),
		glsotel.Peers(everybody),
	} {
		told := glsotel.Transport(w, glsotel.UsePropagator(all), option, glsotel.Trust(func(*http.Request) bool { return false }))
		for _, tt := range []struct{ host, want string }{{"example.com", "ann"}, {"", "ann"}} {
			req := httptest.NewRequest("GET", "http://example.com/", nil)
			req.Host = tt.host
			user.With("ann", func() { _, err = told.RoundTrip(req) })
			require.NoError(t, err)
			require.Equal(t, tt.want, w.sent.Header.Get("X-User"))
		}
	}
	require.PanicsWithError(t, `gls: invalid host "http://example.com": want a name or an address, without scheme, user, path and wildcard`,
		func() { glsotel.AllowHosts("http://example.com") })
}

func TestTransportRecordsFailures(t *testing.T) {
	tp := record(t)
	failed := errors.New("no route to host")
	for _, w := range []*wire{{err: failed}, {}} {
		req := httptest.NewRequest("PUT", "http://localhost/", strings.NewReader("body"))
		_, err := glsotel.Transport(w, glsotel.UseProvider(tp), glsotel.UsePropagator(all)).RoundTrip(req)
		require.Equal(t, w.err, err)
	}
	for _, span := range tp.spans.Ended() {
		require.Equal(t, codes.Error, span.Status().Code)
	}
	_, err := glsotel.Transport(nil).RoundTrip(&http.Request{})
	require.Error(t, err, "the request is invalid")
}

func TestDefaultsAreOpenTelemetrysOwn(t *testing.T) {
	tp := record(t)
	before := otel.GetTracerProvider()
	otel.SetTracerProvider(tp)
	defer otel.SetTracerProvider(before)
	glsotel.Handler(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), request("DELETE", "/"))
	tp.named(t, "DELETE")
}

func TestHandlerOfNil(t *testing.T) {
	defer func() {
		err, _ := recover().(error)
		require.ErrorIs(t, err, glsadapter.ErrNil)
		require.Contains(t, err.Error(), "http.Handler of glsotel.Handler called by goroutine ")
	}()
	glsotel.Handler(nil)
}
