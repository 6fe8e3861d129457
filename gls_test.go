// Package gls_test has the acceptance tests at the user's level: the programs
// of the tutorial that the project started from, in Go.
package gls_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// A page takes what a program prints, from all of its goroutines.
type page struct {
	mu    sync.Mutex
	lines []string // guarded by mu
}

func (p *page) printf(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = append(p.lines, fmt.Sprintf(format, args...))
}

// TestIntroducingContextVar is the tutorial's first program, two requests at a
// time of which each fetches twice. The tutorial's output lacks two lines.
func TestIntroducingContextVar(t *testing.T) {
	var (
		out       page
		requestID = gls.New("request_id", gls.Default("none"))
		step      = newMeeting(2) // both requests meet, as they do while they sleep
	)
	fetchData := func() {
		out.printf("Fetching data for %s", requestID.Get())
		step.meet()
	}
	handleRequest := func(id string) func() (int, error) {
		return func() (int, error) {
			token := requestID.Set(id)
			defer requestID.Reset(token)
			fetchData()
			fetchData()
			return 0, nil
		}
	}
	_, err := spawn.Gather(handleRequest("req-123"), handleRequest("req-456"))
	require.NoError(t, err)
	require.Len(t, out.lines, 4)
	for i := 0; i < 4; i += 2 {
		require.ElementsMatch(t, []string{"Fetching data for req-123", "Fetching data for req-456"}, out.lines[i:i+2])
	}
	require.Equal(t, "none", requestID.Get())
}

// A meeting is a point that n goroutines reach before any goes on, again and
// again.
type meeting struct {
	n       int
	mu      sync.Mutex
	waiting int           // guarded by mu
	all     chan struct{} // closed when all are there; guarded by mu
}

func newMeeting(n int) *meeting { return &meeting{n: n, all: make(chan struct{})} }

func (m *meeting) meet() {
	m.mu.Lock()
	all := m.all
	if m.waiting++; m.waiting == m.n {
		close(all)
		m.waiting, m.all = 0, make(chan struct{})
	}
	m.mu.Unlock()
	<-all
}

// TestSettingAndGettingValues has the three methods. The default is a map
// there, which every context would share; nothing here writes to it.
func TestSettingAndGettingValues(t *testing.T) {
	type user map[string]any
	userContext := gls.New("user_context", gls.Default(user{"guest": true}))
	require.Equal(t, user{"guest": true}, userContext.Get())

	token := userContext.Set(user{"user": "alice", "guest": false})
	require.Equal(t, user{"user": "alice", "guest": false}, userContext.Get())

	userContext.Reset(token)
	require.Equal(t, user{"guest": true}, userContext.Get())
}

// TestAdminPrivileges is the temporary override.
func TestAdminPrivileges(t *testing.T) {
	user := gls.New("user", gls.Default("guest"))
	errStuff := errors.New("stuff")
	withAdminPrivileges := func(doAdminStuff func() error) error {
		defer user.Set("admin").Reset()
		return doAdminStuff()
	}
	err := withAdminPrivileges(func() error {
		require.Equal(t, "admin", user.Get())
		return errStuff
	})
	require.Same(t, errStuff, err)
	require.Equal(t, "guest", user.Get())
}

// TestUsingCopyContext uses the copy, which the tutorial forgets to do: its
// child inherits because it is a task. Here one runs in the copy, and one
// inherits.
func TestUsingCopyContext(t *testing.T) {
	traceID := gls.New("trace_id", gls.Default(""))
	child := func() (string, error) { return "Child sees trace_id: " + traceID.Get(), nil }
	defer traceID.Set("abc-123").Reset()
	c := gls.CopyContext()
	defer traceID.Set("def-456").Reset()

	seen, err := spawn.StartIn(c, child).Wait()
	require.NoError(t, err)
	require.Equal(t, "Child sees trace_id: abc-123", seen)
	seen, err = spawn.Start(child).Wait()
	require.NoError(t, err)
	require.Equal(t, "Child sees trace_id: def-456", seen)
}

// TestTasks: creating a task inherits the context. In the tutorial the requests
// come one after the other.
func TestTasks(t *testing.T) {
	var out page
	requestID := gls.New("request_id", gls.Default("none"))
	logRequest := func() (int, error) {
		out.printf("Logging request: %s", requestID.Get())
		return 0, nil
	}
	handleRequest := func(id string) {
		defer requestID.Set(id).Reset()
		_, err := spawn.Start(logRequest).Wait()
		require.NoError(t, err)
	}
	handleRequest("req-1")
	handleRequest("req-2")
	require.Equal(t, []string{"Logging request: req-1", "Logging request: req-2"}, out.lines)
}

// TestThreads: a thread is a plain go statement, which inherits nothing.
func TestThreads(t *testing.T) {
	var out page
	v := gls.New("thread_local_var", gls.Default("default"))
	spawn.Start(func() (int, error) {
		v.Set("async value")
		out.printf("Async task: %s", v.Get())
		return 0, nil
	}).Wait()
	done := make(chan struct{})
	go func() {
		defer close(done)
		out.printf("Thread Thread-1: %s", v.Get())
	}()
	<-done
	require.Equal(t, []string{"Async task: async value", "Thread Thread-1: default"}, out.lines)
	require.Equal(t, "default", v.Get())
}

// TestRequestIDMiddleware serves real requests, many over each connection.
func TestRequestIDMiddleware(t *testing.T) {
	requestID := gls.New("request_id", gls.Default("none"))
	processed := make(chan string, 1000)
	processRequest := func() { processed <- requestID.Get() }
	routeHandler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		defer requestID.Set(requestID.Get() + "!").Reset() // no harm in more
		var wg spawn.WaitGroup
		wg.Go(processRequest)
		wg.Wait()
		fmt.Fprint(w, requestID.Get())
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "none", requestID.Get(), "left by an earlier request")
		defer requestID.Set(r.Header.Get("X-Request-ID")).Reset()
		routeHandler.ServeHTTP(w, r)
	}))
	defer server.Close()

	const clients, each = 8, 20
	var wg sync.WaitGroup
	for c := 0; c < clients; c++ {
		wg.Add(1)
		go func(c int) {
			defer wg.Done()
			for n := 0; n < each; n++ {
				id := fmt.Sprint(c, "-", n)
				r, err := http.NewRequest(http.MethodGet, server.URL, nil)
				assert.NoError(t, err)
				r.Header.Set("X-Request-ID", id)
				response, err := server.Client().Do(r)
				if !assert.NoError(t, err) {
					return
				}
				var body bytes.Buffer
				_, err = body.ReadFrom(response.Body)
				assert.NoError(t, err)
				assert.NoError(t, response.Body.Close())
				assert.Equal(t, id+"!", body.String())
			}
		}(c)
	}
	wg.Wait()
	close(processed)
	seen := map[string]bool{}
	for id := range processed {
		seen[id] = true
	}
	require.Len(t, seen, clients*each)
}

// TestAuthentication wraps handlers.
func TestAuthentication(t *testing.T) {
	currentUser := gls.New[string]("current_user")
	requireAuth := func(handler func() string) func(user string) string {
		return func(user string) string {
			defer currentUser.Set(user).Reset()
			return handler()
		}
	}
	hello := requireAuth(func() string { return "hello " + currentUser.MustGet() })
	require.Equal(t, "hello alice", hello("alice"))
	require.Equal(t, "hello bob", hello("bob"))
	require.Panics(t, func() { currentUser.MustGet() })
}

// A traceHandler adds the trace ID to every record, as the tutorial's filter.
type traceHandler struct {
	slog.Handler
	traceID *gls.Var[string]
}

func (h traceHandler) Handle(ctx context.Context, r slog.Record) error {
	r.AddAttrs(slog.String("trace_id", h.traceID.Get()))
	return h.Handler.Handle(ctx, r)
}

func TestTracingAndLogging(t *testing.T) {
	traceID := gls.New("trace_id", gls.Default("no-trace"))
	var out bytes.Buffer
	logger := slog.New(traceHandler{slog.NewTextHandler(&out, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}), traceID})
	logger.Info("Before")
	spawn.Start(func() (int, error) {
		traceID.Set("7d4f")
		logger.Info("Starting request")
		logger.Info("Request complete")
		return 0, nil
	}).Wait()
	logger.Info("After")
	require.Equal(t, `level=INFO msg=Before trace_id=no-trace
level=INFO msg="Starting request" trace_id=7d4f
level=INFO msg="Request complete" trace_id=7d4f
level=INFO msg=After trace_id=no-trace
`, out.String())
}
