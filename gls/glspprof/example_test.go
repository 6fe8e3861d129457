package glspprof_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime/pprof"

	"github.com/seed18162548/contextvars/gls/glspprof"
)

func ExampleMirror_Do() {
	var profile = glspprof.New("job", glspprof.Label(tenant))

	defer tenant.Set("acme").Reset()
	profile.Do(func() {
		// Samples of the CPU profile have tenant=acme here.
		fmt.Println("working")
	})
	// Output:
	// working
}

// As middleware, around the handlers and within what binds the variables.
func ExampleMirror_DoContext() {
	var profile = glspprof.New("request", glspprof.Label(route))
	profiled := func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			profile.DoContext(r.Context(), func(ctx context.Context) { next(w, r.WithContext(ctx)) })
		}
	}
	orders := profiled(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println(pprof.Label(r.Context(), "route"))
	})

	defer route.Set("/orders/{id}").Reset()
	orders(httptest.NewRecorder(), httptest.NewRequest("GET", "/orders/7", nil))
	// Output:
	// /orders/{id} true
}
