//go:build !race

package glshttp_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glshttp"
)

// With the race detector, sync.Pool drops buffers at random.

// discard is a ResponseWriter that costs nothing but its header.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// perRequest returns the allocations of a request that h serves, with this ID.
func perRequest(h http.Handler, id string) float64 {
	r := httptest.NewRequest("GET", "/", nil)
	w := discard{make(http.Header)}
	return testing.AllocsPerRun(200, func() {
		delete(r.Header, "X-Request-Id")
		if id != "" {
			r.Header["X-Request-Id"] = []string{id}
		}
		delete(w.header, "X-Request-Id")
		h.ServeHTTP(w, r)
	})
}

func TestRequestIDCost(t *testing.T) {
	body := []byte("hello")
	plain := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", "0")
		_, _ = w.Write(body)
	})
	ours := glshttp.Handler(glshttp.RequestID()(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(body)
	})))
	for name, id := range map[string]string{"without an ID": "", "with a valid ID": "01a21367-231e-7934-b653-ec3b13a3768d"} {
		more := perRequest(ours, id) - perRequest(plain, id)
		t.Log(name, more)
		require.LessOrEqual(t, more, 5.0, name)
	}
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { glshttp.NewID() }), 1.0)
}
