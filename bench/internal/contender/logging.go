package contender

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glshttp"
	"github.com/seed18162548/contextvars/gls/glslog"
)

// A service's request: it has an ID, a user and a tenant, and writes this many
// log lines with all three, as JSON that is thrown away.
const logLines = 20

const (
	userHeader   = "X-User"
	tenantHeader = "X-Tenant"
)

func jsonLogs() slog.Handler { return slog.NewJSONHandler(io.Discard, nil) }

// LoggingGLS serves such requests with variables: glshttp.Handler, RequestID
// and Bind, and a logger with glslog's handler.
func LoggingGLS() Case {
	user, tenant := gls.New[string]("user"), gls.New[string]("tenant")
	logger := slog.New(glslog.NewHandler(jsonLogs(), glslog.Attr(glshttp.ID), glslog.Attr(user), glslog.Attr(tenant)))
	header := func(name string) func(*http.Request) (string, bool) {
		return func(r *http.Request) (string, bool) { return r.Header.Get(name), true }
	}
	work := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < logLines; i++ {
			logger.Info("step done", "step", i)
		}
		hello(w, r)
	})
	return handled(glshttp.Handler(glshttp.RequestID()(
		glshttp.Bind(user, header(userHeader))(glshttp.Bind(tenant, header(tenantHeader))(work)))))
}

// A logKey is the key of a value in a context. It is a pointer, which needs no
// allocation to become an interface.
type logKey struct{ name string }

// fromContext is a slog handler that adds values of the context to records.
type fromContext struct {
	slog.Handler
	keys []*logKey
}

func (h fromContext) Handle(ctx context.Context, r slog.Record) error {
	r = r.Clone()
	for _, key := range h.keys {
		if s, ok := ctx.Value(key).(string); ok {
			r.AddAttrs(slog.String(key.name, s))
		}
	}
	return h.Handler.Handle(ctx, r)
}

// LoggingContext serves such requests with context.WithValue, one middleware
// for each value, and a logger whose handler reads the context.
func LoggingContext() Case {
	id, user, tenant := &logKey{"request_id"}, &logKey{"user"}, &logKey{"tenant"}
	logger := slog.New(fromContext{jsonLogs(), []*logKey{id, user, tenant}})
	bind := func(key *logKey, header string, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key, r.Header.Get(header))))
		})
	}
	work := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < logLines; i++ {
			logger.InfoContext(r.Context(), "step done", "step", i)
		}
		hello(w, r)
	})
	tell := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Request-Id", r.Header.Get("X-Request-Id"))
			next.ServeHTTP(w, r)
		})
	}
	return handled(tell(bind(id, "X-Request-Id", bind(user, userHeader, bind(tenant, tenantHeader, work)))))
}

// A nowhere is a ResponseWriter that costs nothing but its header.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header               { return n.header }
func (n nowhere) Write(b []byte) (int, error)       { return len(b), nil }
func (n nowhere) WriteString(s string) (int, error) { return len(s), nil }
func (n nowhere) WriteHeader(int)                   {}

// handled is the Case of requests that h serves, without a network.
func handled(h http.Handler) Case {
	return func(run func(Loop)) {
		run(func(n int) {
			w := nowhere{make(http.Header)}
			r := &http.Request{Method: "GET", URL: &url.URL{Path: "/"}, Header: http.Header{
				"X-Request-Id": {ClientID}, userHeader: {"alice"}, tenantHeader: {"acme"},
			}}
			for i := 0; i < n; i++ {
				h.ServeHTTP(w, r)
				if w.header["X-Request-Id"][0] != ClientID {
					panic("the response has no request ID")
				}
				delete(w.header, "X-Request-Id")
			}
		})
	}
}
