package glsotel_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed18162548/contextvars/contrib/glsotel"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glshttp"
	"github.com/seed18162548/contextvars/spawn"
)

// A side is how a service is instrumented.
type side struct {
	name   string
	server func(tp trace.TracerProvider, next http.Handler) http.Handler
	client func(tp trace.TracerProvider) http.RoundTripper
}

func everybody(*http.Request) bool { return true }

var ours = side{
	"glsotel",
	func(tp trace.TracerProvider, next http.Handler) http.Handler {
		return glsotel.Handler(next, glsotel.UseProvider(tp), glsotel.UsePropagator(all), glsotel.Trust(everybody))
	},
	func(tp trace.TracerProvider) http.RoundTripper {
		return glsotel.Transport(nil, glsotel.UseProvider(tp), glsotel.UsePropagator(all))
	},
}

var theirs = side{
	"otelhttp",
	func(tp trace.TracerProvider, next http.Handler) http.Handler {
		restoring := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			glsotel.Restore(r.Context(), func(ctx context.Context) { next.ServeHTTP(w, r.WithContext(ctx)) })
		})
		return otelhttp.NewHandler(restoring, "GET /", otelhttp.WithTracerProvider(tp), otelhttp.WithPropagators(all))
	},
	func(tp trace.TracerProvider) http.RoundTripper {
		return otelhttp.NewTransport(http.DefaultTransport,
			otelhttp.WithTracerProvider(glsotel.Provider(tp)), otelhttp.WithPropagators(all))
	},
}

// shop is a service whose code has no parameter for a context anywhere.
type shop struct {
	tracer  trace.Tracer
	client  *http.Client
	storage string // its URL
}

func (s shop) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	glsotel.Run(s.tracer, "order", func() {
		stock, err := spawn.Gather(
			func() (string, error) { return s.stock("apples") },
			func() (string, error) { return s.stock("pears") })
		fmt.Fprint(w, strings.Join(stock, " "), err)
	})
}

func (s shop) stock(fruit string) (stock string, err error) {
	err = glsotel.RunErr(s.tracer, "stock "+fruit, func() error {
		stock, err = fetch(s.client, s.storage+"/"+fruit)
		return err
	})
	return stock, err
}

func fetch(c *http.Client, url string) (string, error) {
	resp, err := c.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

// storage is the service behind. It answers with the variables that it sees.
type storage struct{ tracer trace.Tracer }

func (s storage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fruit := strings.TrimPrefix(r.URL.Path, "/")
	answer, err := spawn.Start(func() (answer string, err error) {
		glsotel.Run(s.tracer, "count "+fruit, func() {
			answer = fmt.Sprintf("%s:%s:%s", fruit, tenant.Get(), user.Get())
		})
		return answer, nil
	}).Wait()
	if err != nil {
		panic(err)
	}
	fmt.Fprint(w, answer)
}

// One trace over two services, one instrumented by otelhttp and one by us, with
// goroutines on both.
func TestOneTraceOverTwoServices(t *testing.T) {
	for _, pair := range [][2]side{{ours, theirs}, {theirs, ours}, {ours, ours}} {
		t.Run(pair[0].name+" to "+pair[1].name, func(t *testing.T) { oneTrace(t, pair[0], pair[1]) })
	}
}

func oneTrace(t *testing.T, front, back side) {
	tpFront, tpBack := record(t), record(t)
	behind := httptest.NewServer(glshttp.Handler(back.server(tpBack, storage{tpBack.tracer()})))
	defer behind.Close()
	client := &http.Client{Transport: front.client(tpFront)}
	defer client.CloseIdleConnections()
	entry := httptest.NewServer(glshttp.Handler(front.server(tpFront, shop{tpFront.tracer(), client, behind.URL})))
	defer entry.Close()

	// Many at once, so that requests share connections and goroutines.
	const requests = 20
	var all sync.WaitGroup
	for i := range requests {
		all.Go(func() {
			req, err := http.NewRequest("GET", entry.URL, nil)
			if err != nil {
				t.Error(err)
				return
			}
			req.Header.Set("baggage", fmt.Sprintf("tenant=t%d", i))
			req.Header.Set("X-User", fmt.Sprintf("u%d", i))
			req.Header.Set("traceparent", fmt.Sprintf("00-%032x-%016x-01", i+1, i+1))
			resp, err := entry.Client().Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			want := fmt.Sprintf("apples:t%d:u%d pears:t%d:u%d<nil>", i, i, i, i)
			if string(body) != want {
				t.Errorf("got %s, want %s", body, want)
			}
		})
	}
	all.Wait()
	entry.Close() // both wait for the ends of their spans
	behind.Close()

	for i := range requests {
		requireOneTrace(t, tpFront, tpBack, fmt.Sprintf("%032x", i+1), fmt.Sprintf("%016x", i+1))
	}
	require.Len(t, tpFront.spans.Ended(), requests*6)
	require.Len(t, tpBack.spans.Ended(), requests*4)
	require.Zero(t, gls.Live())
}

// requireOneTrace checks the spans of the trace id, whose root was sent by the
// remote span.
func requireOneTrace(t *testing.T, front, back recorded, id, remote string) {
	t.Helper()
	type node struct{ name, parent string }
	names := map[string]string{remote: "remote"} // by span ID
	kinds := map[trace.SpanKind]int{}
	var got []node
	ended := append(front.spans.Ended(), back.spans.Ended()...)
	for _, s := range ended {
		if s.SpanContext().TraceID().String() == id {
			kinds[s.SpanKind()]++
			name := s.Name()
			if s.SpanKind() != trace.SpanKindInternal {
				name = s.SpanKind().String()
			}
			names[s.SpanContext().SpanID().String()] = name
		}
	}
	for _, s := range ended {
		if s.SpanContext().TraceID().String() == id {
			got = append(got, node{names[s.SpanContext().SpanID().String()], names[s.Parent().SpanID().String()]})
		}
	}
	require.ElementsMatch(t, []node{
		{"server", "remote"},
		{"order", "server"},
		{"stock apples", "order"}, {"stock pears", "order"},
		{"client", "stock apples"}, {"client", "stock pears"},
		{"server", "client"}, {"server", "client"},
		{"count apples", "server"}, {"count pears", "server"},
	}, got)
	require.Equal(t, map[trace.SpanKind]int{trace.SpanKindServer: 3, trace.SpanKindClient: 2, trace.SpanKindInternal: 5}, kinds)
}
