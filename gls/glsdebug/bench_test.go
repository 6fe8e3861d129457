package glsdebug_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsdebug"
)

// BenchmarkView looks at a hundred thousand goroutines of five variables each.
func BenchmarkView(b *testing.B) {
	const n = 100_000
	vars := make([]*gls.Var[string], 5)
	shown := make([]gls.AnyVar, len(vars))
	for i := range vars {
		vars[i] = gls.New[string]("bench_" + strconv.Itoa(i))
		shown[i] = vars[i]
	}
	var bound, ended sync.WaitGroup
	release := make(chan struct{})
	bound.Add(n)
	ended.Add(n)
	for i := 0; i < n; i++ {
		i := i
		go func() {
			defer ended.Done()
			defer gls.Release()
			for _, v := range vars {
				v.Set(strconv.Itoa(i))
			}
			bound.Done()
			<-release
		}()
	}
	bound.Wait()
	defer ended.Wait()
	defer close(release)

	h := glsdebug.Handler(glsdebug.Visible(shown...), glsdebug.Auth(glsdebug.Local))
	for _, q := range []string{"", "var=bench_1", "var=bench_1&value=77", "value=77&match=contains", "sort=bindings", "per=1000", "format=json", "per=1000&format=json"} {
		b.Run("query="+q, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; i < b.N; i++ {
				r := httptest.NewRequest(http.MethodGet, "http://localhost/debug/gls?"+q, nil)
				r.RemoteAddr = "127.0.0.1:1"
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}
