package glsotel_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed18162548/contextvars/contrib/glsotel"
	"github.com/seed18162548/contextvars/gls/glsctx"
)

// hanging answers with the trace that it is asked in, or hangs until the client
// is gone.
func hanging(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, r.Header.Get("traceparent"))
		switch r.URL.Path {
		case "/hang":
			<-r.Context().Done()
		case "/drip": // hangs after the first line
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// Below a client with a Timeout, net/http gives every request a context of its
// own. Span and cancellation are those of a client without one.
func TestClientsWithATimeout(t *testing.T) {
	tp := record(t)
	s := hanging(t)
	trusting := propagation.TraceContext{}
	for name, transport := range map[string]http.RoundTripper{
		"Transport": glsotel.Transport(nil, glsotel.UseProvider(tp), glsotel.UsePropagator(trusting)),
		"Provider":  otelhttp.NewTransport(nil, otelhttp.WithTracerProvider(glsotel.Provider(tp)), otelhttp.WithPropagators(trusting)),
	} {
		for _, timeout := range []time.Duration{0, time.Hour} {
			t.Run(fmt.Sprint(name, " ", timeout), func(t *testing.T) {
				c := http.Client{Timeout: timeout, Transport: transport}
				glsotel.Run(tp.tracer(), "work", func() {
					got, err := fetch(&c, s.URL)
					require.NoError(t, err)
					require.Contains(t, got, glsotel.Span().SpanContext().TraceID().String())
				})

				ctx, cancel := context.WithCancel(context.Background())
				ctx, span := tp.tracer().Start(ctx, "work")
				defer span.End()
				glsctx.With(ctx, func() {
					resp, err := c.Get(s.URL + "/drip")
					require.NoError(t, err)
					defer resp.Body.Close()
					line, err := bufio.NewReader(resp.Body).ReadString('\n')
					require.NoError(t, err)
					require.Contains(t, line, span.SpanContext().TraceID().String())
					cancel()
					_, err = io.ReadAll(resp.Body)
					require.ErrorIs(t, err, context.Canceled, "while the body is read")
					_, err = c.Get(s.URL + "/hang") //nolint:bodyclose // there is no response
					require.ErrorIs(t, err, context.Canceled)
				})
				c.CloseIdleConnections()
			})
		}
	}
}

// A Timeout itself still works.
func TestTheTimeoutOfAClient(t *testing.T) {
	s := hanging(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c := http.Client{Timeout: 20 * time.Millisecond, Transport: glsotel.Transport(nil)}
	glsctx.With(ctx, func() {
		_, err := c.Get(s.URL + "/hang") //nolint:bodyclose // there is no response
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var failure *url.Error
		require.ErrorAs(t, err, &failure)
		require.True(t, failure.Timeout())
	})
	c.CloseIdleConnections()
}

// An explicit context, with values, is taken as it is.
func TestExplicitContextsAreNotJoined(t *testing.T) {
	tp := record(t)
	implicit, cancel := context.WithCancel(context.Background())
	implicit, span := tp.tracer().Start(implicit, "implicit")
	defer span.End()
	cancel()
	glsctx.With(implicit, func() {
		ctx, s := glsotel.Provider(tp).Tracer("").Start(context.WithValue(context.Background(), arrivalKey{}, 1), "explicit")
		defer s.End()
		require.NoError(t, ctx.Err())
		require.NotEqual(t, span.SpanContext().TraceID(), s.SpanContext().TraceID())

		w := &wire{}
		c := http.Client{Timeout: time.Hour, Transport: glsotel.Transport(w, glsotel.UseProvider(tp), glsotel.UsePropagator(all))}
		req, err := http.NewRequestWithContext(context.WithValue(context.Background(), arrivalKey{}, 1), "GET", "http://localhost/", nil)
		require.NoError(t, err)
		closing(c.Do(req))
		require.NotContains(t, w.sent.Header.Get("traceparent"), span.SpanContext().TraceID().String())
	})
}

// The Provider is not told when the work is over. So it ties a context to both
// only until a deadline.
func TestProviderWithAContextThatOnlyEnds(t *testing.T) {
	tp := record(t)
	implicit, cancelImplicit := context.WithCancel(context.WithValue(context.Background(), arrivalKey{}, "implicit"))
	defer cancelImplicit()
	explicit, cancelExplicit := context.WithCancel(context.Background())
	glsctx.With(implicit, func() {
		ctx, span := glsotel.Provider(tp).Tracer("").Start(explicit, "")
		defer span.End()
		require.Equal(t, "implicit", ctx.Value(arrivalKey{}))
		require.Equal(t, span, trace.SpanFromContext(ctx))
		child, cancel := context.WithCancel(ctx)
		defer cancel()
		cancelExplicit()
		<-child.Done()
		require.ErrorIs(t, ctx.Err(), context.Canceled)
	})
}

// After a switch of protocols the body is a connection, which can be written
// to.
func TestTransportSwitchesProtocols(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, both, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		line, _ := both.ReadString('\n')
		fmt.Fprint(conn, line)
	}))
	defer s.Close()
	for _, timeout := range []time.Duration{0, time.Hour} {
		c := http.Client{Timeout: timeout, Transport: glsotel.Transport(nil)}
		ctx, cancel := context.WithCancel(context.Background())
		glsctx.With(ctx, func() {
			req, err := http.NewRequest("GET", s.URL, nil)
			require.NoError(t, err)
			req.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"echo"}}
			resp, err := c.Transport.RoundTrip(req)
			require.NoError(t, err)
			body, ok := resp.Body.(io.ReadWriteCloser)
			require.True(t, ok)
			_, err = fmt.Fprintln(body, "hello")
			require.NoError(t, err)
			line, err := bufio.NewReader(body).ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, "hello\n", line)
			require.NoError(t, body.Close())
		})
		cancel()
	}
}

// A log line is about the current span if its context has nothing but a
// deadline.
func TestLogRecordsWithATimeout(t *testing.T) {
	tp := record(t)
	var out bytes.Buffer
	logger := slog.New(glsotel.NewHandler(slog.NewTextHandler(&out, nil)))
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	glsotel.Run(tp.tracer(), "work", func() {
		logger.InfoContext(ctx, "message")
		require.Contains(t, out.String(), "trace_id="+glsotel.Span().SpanContext().TraceID().String())
		out.Reset()
		logger.InfoContext(context.WithValue(ctx, arrivalKey{}, 1), "message")
		require.NotContains(t, out.String(), "trace_id")
	})
}
