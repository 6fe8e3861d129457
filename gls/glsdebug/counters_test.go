package glsdebug_test

import (
	"encoding/json"
	"expvar"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsdebug"
	"github.com/seed18162548/contextvars/gls/glshttp"
)

// runs makes the names of a test's variables its own: counters are never reset.
var runs atomic.Int64

func unique(name string) string { return name + strconv.FormatInt(runs.Add(1), 10) }

// leakOnce serves one request that leaves v bound, inside glshttp.Handler.
func leakOnce(t *testing.T, v *gls.Var[string]) {
	t.Helper()
	s := httptest.NewServer(glshttp.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { v.Set("left") })))
	defer s.Close()
	resp, err := http.Get(s.URL)
	require.NoError(t, err)
	resp.Body.Close()
}

func TestExpvar(t *testing.T) {
	defer visible.Set("counted").Reset()
	leaky := gls.New[string](unique("leaky"))
	leakOnce(t, leaky)
	var v expvar.Var = glsdebug.Expvar{}
	var counters struct {
		Live      uint64
		FastID    bool   `json:"fast_id"`
		Requests  uint64 `json:"http_requests"`
		Leaky     uint64 `json:"http_leaky_requests"`
		HTTPLeaks []struct {
			Var      string
			Requests uint64
		} `json:"http_leaks"`
	}
	require.NoError(t, json.Unmarshal([]byte(v.String()), &counters))
	require.NotZero(t, counters.Live)
	require.Equal(t, gls.ReadStats().FastID, counters.FastID)
	require.NotZero(t, counters.Leaky)
	require.LessOrEqual(t, counters.Leaky, counters.Requests)
	count := make(map[string]uint64)
	for _, l := range counters.HTTPLeaks {
		count[l.Var] = l.Requests
	}
	require.EqualValues(t, 1, count[leaky.Name()])

	body, header := get(t, serve(t)+"?format=expvar")
	require.Equal(t, "application/json", header.Get("Content-Type"))
	var all map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(body), &all))
	require.NoError(t, json.Unmarshal(all["gls"], &counters))
}

func TestMetrics(t *testing.T) {
	odd, shared := unique("odd \"name\"\\\nof\xff two lines"), unique("shared name")
	leakOnce(t, gls.New[string](odd))
	leakOnce(t, gls.New[string](shared))
	leakOnce(t, gls.New[string](shared))
	body, header := get(t, serve(t)+"?format=prometheus")
	require.Equal(t, "text/plain; version=0.0.4; charset=utf-8", header.Get("Content-Type"))
	require.Contains(t, body, `gls_http_leaked_bindings_total{variable="odd \"name\"\\\nof`+"\uFFFD two lines"+strings.TrimPrefix(odd, "odd \"name\"\\\nof\xff two lines")+`"} 1`+"\n")
	require.Contains(t, body, `gls_http_leaked_bindings_total{variable="`+shared+`"} 2`+"\n")
	require.Contains(t, body, "# TYPE gls_goroutines gauge\n")

	var b strings.Builder
	require.NoError(t, glsdebug.WriteMetrics(&b))
	require.Equal(t, strings.Count(body, "\n"), strings.Count(b.String(), "\n"))
}

func TestLeaksAreOnThePage(t *testing.T) {
	leaky := gls.New[string](unique("leaky"))
	for i := 0; i < 5; i++ {
		leakOnce(t, leaky)
	}
	body, _ := get(t, serve(t))
	require.Contains(t, body, `<div class="alert"><dt>Leaks the barrier caught</dt>`)
	text, _ := get(t, serve(t)+"?format=text")
	require.Contains(t, text, "5 × "+leaky.Name()+"\n")
}
