package glshttp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glshttp"
)

// account is the user of a request whose path has one.
func account(r *http.Request) (string, bool) {
	name := r.URL.Path[1:]
	return name, name != ""
}

func ExampleBind() {
	user := gls.New("user", gls.Default("nobody"))
	withUser := glshttp.Bind(user, func(r *http.Request) (string, bool) {
		name, _, ok := r.BasicAuth() // and check the password
		return name, ok
	})
	hello := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { fmt.Println("hello", user.Get()) })
	server := glshttp.Handler(withUser(hello))

	r := httptest.NewRequest("GET", "/", nil)
	server.ServeHTTP(httptest.NewRecorder(), r)
	r.SetBasicAuth("ann", "secret")
	server.ServeHTTP(httptest.NewRecorder(), r)
	// Output:
	// hello nobody
	// hello ann
}

// An access log writes its line when the handler behind it has returned. Around
// the middleware that binds the user, it is too far out to see one.
func Example_orderOfMiddleware() {
	user := gls.New("user", gls.Default("nobody"))
	withUser := glshttp.Bind(user, func(*http.Request) (string, bool) { return "ann", true })
	accessLog := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			fmt.Println(r.Method, "by", user.Get())
		})
	}
	mux := http.NewServeMux()

	for _, handler := range []http.Handler{
		accessLog(glshttp.Handler(withUser(mux))), // wrong: around Handler nothing is bound
		glshttp.Handler(accessLog(withUser(mux))), // wrong: the user is no longer bound
		glshttp.Handler(withUser(accessLog(mux))), // right
	} {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	}
	// Output:
	// GET by nobody
	// GET by nobody
	// GET by ann
}

func TestBind(t *testing.T) {
	for _, tt := range []struct {
		name, path, outer string
		want              string
		bound             bool
	}{
		{"bound", "/ann", "", "ann", true},
		{"not bound", "/", "", "", false},
		{"bound over another", "/ann", "bob", "ann", true},
		{"the outer one stays", "/", "bob", "bob", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ran := false
			var h http.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				ran = true
				got, bound := user.Lookup()
				require.Equal(t, tt.want, got)
				require.Equal(t, tt.bound, bound)
			})
			h = glshttp.Bind(user, account)(h)
			if tt.outer != "" {
				h = glshttp.Bind(user, func(*http.Request) (string, bool) { return tt.outer, true })(h)
			}
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", tt.path, nil))
			require.True(t, ran)
			require.Zero(t, gls.CopyContext().Len(), "reset afterwards")
		})
	}
}

// However the handler ends, the next request does not see the user.
func TestBindEndsWithTheHandler(t *testing.T) {
	for name, end := range map[string]func(){
		"panic":        func() { panic(http.ErrAbortHandler) },
		"Goexit":       func() { runtime.Goexit() },
		"another Set":  func() { user.Set("other") },
		"a goroutine":  func() { done := make(chan bool); go func() { user.Set("x"); close(done) }(); <-done },
		"just returns": func() {},
	} {
		t.Run(name, func(t *testing.T) {
			left := make(chan int)
			go func() {
				defer func() {
					_ = recover()
					left <- gls.CopyContext().Len()
				}()
				glshttp.Bind(user, account)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { end() })).
					ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/ann", nil))
			}()
			require.Zero(t, <-left)
		})
	}
}

// Of variables that were bound in front, f sees the values.
func TestBindReadsWhatIsInFront(t *testing.T) {
	h := glshttp.RequestID()(glshttp.Bind(tenant, func(*http.Request) (string, bool) {
		return "of " + glshttp.ID.Get(), true
	})(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { require.Equal(t, "of abc", tenant.Get()) })))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("X-Request-ID", "abc")
	h.ServeHTTP(httptest.NewRecorder(), r)
}

func TestBindAllocations(t *testing.T) {
	h := glshttp.Bind(user, account)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := httptest.NewRequest("GET", "/ann", nil)
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { h.ServeHTTP(nil, r) }), 1.0)
}
