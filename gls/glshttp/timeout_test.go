package glshttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glshttp"
	"github.com/seed18162548/contextvars/internal/registry/registrytest"
)

var lock = gls.New[string]("lock", gls.NoInherit[string]())

// around binds user and lock and tells, after the request, what they are.
func around(h http.Handler, after chan<- string) http.Handler {
	return glshttp.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer user.Set("ann").Reset()
		defer lock.Set("held").Reset()
		defer func() { after <- user.Get() }()
		h.ServeHTTP(w, r)
	}), glshttp.BindContext())
}

func TestTimeoutHandlerKeepsBindings(t *testing.T) {
	tell := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		defer user.Set(user.Get() + "+").Reset()
		_, _ = io.WriteString(w, user.Get()+" "+lock.Get())
	})
	for _, tt := range []struct {
		name    string
		timeout func(http.Handler, time.Duration, string) http.Handler
		want    string
	}{
		{"control: net/http's loses them", http.TimeoutHandler, "+ "},
		{"ours", glshttp.TimeoutHandler, "ann+ held"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			after := make(chan string, 1)
			s := serve(t, around(tt.timeout(tell, time.Minute, ""), after))
			_, body := get(t, s.Client(), s.URL)
			require.Equal(t, tt.want, body)
			require.Equal(t, "ann", <-after)
		})
	}
}

func TestTimeoutHandlerTimesOut(t *testing.T) {
	type end struct {
		write, ctx, implicit error
		user                 string
	}
	ended := make(chan end, 1)
	after := make(chan string, 1)
	s := serve(t, around(glshttp.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		<-glsctx.Current().Done()
		var err error
		for err == nil { // until the timeout has been answered
			_, err = io.WriteString(w, "x")
			runtime.Gosched()
		}
		ended <- end{err, r.Context().Err(), glsctx.Current().Err(), user.Get()}
	}), 20*time.Millisecond, "too slow"), after))
	status, body := get(t, s.Client(), s.URL)
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "too slow", body)
	require.Equal(t, "ann", <-after)
	e := <-ended
	require.ErrorIs(t, e.write, http.ErrHandlerTimeout)
	require.ErrorIs(t, e.ctx, context.DeadlineExceeded)
	require.Error(t, e.implicit, "the implicit context ends as well")
	require.Equal(t, "ann", e.user, "still the request's own, after the request")
}

func TestTimeoutHandlerNarrowsTheImplicitContext(t *testing.T) {
	type key struct{}
	h := glshttp.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx := glsctx.Current()
		want, _ := r.Context().Deadline()
		got, ok := ctx.Deadline()
		if !ok || !got.Equal(want) || ctx.Value(key{}) != "v" {
			t.Errorf("deadline %v %v, want %v; value %v", got, ok, want, ctx.Value(key{}))
		}
	}), time.Hour, "")
	glsctx.With(context.WithValue(context.Background(), key{}, "v"), func() {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	})

	h = glshttp.TimeoutHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if glsctx.Current() != context.Background() {
			t.Error("an implicit context where there was none")
		}
	}), time.Hour, "")
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
}

func TestTimeoutHandlerPassesPanicsThrough(t *testing.T) {
	boom := errors.New("boom")
	h := glshttp.TimeoutHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(boom) }), time.Minute, "")
	require.PanicsWithValue(t, boom, func() { h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)) })
	require.PanicsWithValue(t, http.ErrAbortHandler, func() {
		glshttp.TimeoutHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), time.Minute, "").
			ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	})
}

// Goexit is a timeout under net/http, and so it is here; the entry goes.
func TestTimeoutHandlerOfGoexit(t *testing.T) {
	before := registrytest.Now()
	s := serve(t, glshttp.TimeoutHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		user.Set("left")
		runtime.Goexit()
	}), 20*time.Millisecond, "gone"))
	status, body := get(t, s.Client(), s.URL)
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "gone", body)
	require.Eventually(t, func() bool { return len(before.New()) == 0 }, 5*time.Second, time.Millisecond)
}

func TestTimeoutHandlerCountsLeaks(t *testing.T) {
	before := glshttp.ReadStats()
	after := make(chan string, 1)
	s := serve(t, around(glshttp.TimeoutHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		user.Set("changed, and dropped with the copy")
		tenant.Set("left")
	}), time.Minute, ""), after))
	get(t, s.Client(), s.URL)
	require.Equal(t, "ann", <-after, "what is set inside stays inside")
	stats := glshttp.ReadStats()
	require.Equal(t, before.Leaky+1, stats.Leaky)
	require.Equal(t, leaks(before, tenant)+1, leaks(stats, tenant))
	require.Equal(t, leaks(before, user), leaks(stats, user))
}

func TestTimeoutHandlersNest(t *testing.T) {
	inner := glshttp.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, user.Get())
	}), time.Minute, "")
	outer := glshttp.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user.With("bob", func() { inner.ServeHTTP(w, r) })
	}), time.Minute, "")
	after := make(chan string, 1)
	s := serve(t, around(outer, after))
	_, body := get(t, s.Client(), s.URL)
	require.Equal(t, "bob", body)
}

type pusher struct {
	*httptest.ResponseRecorder
	pushed string
}

func (p *pusher) Push(target string, _ *http.PushOptions) error {
	p.pushed = target
	return nil
}

func TestTimeoutHandlerPushes(t *testing.T) {
	w := &pusher{ResponseRecorder: httptest.NewRecorder()}
	glshttp.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := w.(http.Pusher).Push("/style.css", nil); err != nil {
			t.Error(err)
		}
	}), time.Minute, "").ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	require.Equal(t, "/style.css", w.pushed)
}
