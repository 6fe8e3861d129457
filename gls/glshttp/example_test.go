package glshttp_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glshttp"
)

func fetch(c *http.Client, url string) string {
	resp, err := c.Get(url)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return string(body)
}

// A handler that forgets to reset cannot harm the next request, and is found.
func ExampleHandler() {
	theme := gls.New[string]("theme", gls.Default("light"))
	forgetful := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, theme.Get())
		theme.Set("dark")
	})
	told := make(chan string, 2)
	server := httptest.NewServer(glshttp.Handler(forgetful, glshttp.OnLeak(func(r *http.Request, leaked []gls.AnyVar) {
		told <- fmt.Sprint(r.URL.Path, " left ", leaked)
	})))
	defer server.Close()

	fmt.Println(fetch(server.Client(), server.URL+"/a"))
	fmt.Println(fetch(server.Client(), server.URL+"/b"))
	fmt.Println(<-told)
	// Output:
	// light
	// light
	// /a left [gls.Var("theme")]
}

func ExampleRequestID() {
	handler := glshttp.RequestID()(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Println("handling", glshttp.ID.Get())
	}))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("X-Request-ID", "order-17")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	fmt.Println("answered", w.Header().Get("X-Request-ID"))
	// Output:
	// handling order-17
	// answered order-17
}

func ExampleTimeoutHandler() {
	user := gls.New[string]("user")
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello ", user.Get()) })
	handler := glshttp.TimeoutHandler(hello, time.Minute, "too slow")

	w := httptest.NewRecorder()
	user.With("ann", func() { handler.ServeHTTP(w, httptest.NewRequest("GET", "/", nil)) })
	fmt.Println(w.Body)
	// Output:
	// hello ann
}

// One service tells another for whom it asks.
func ExampleTransport() {
	user := gls.New[string]("user")
	exports := glshttp.Exports(glsexport.Export(user, "user", glsexport.String()))
	internal := glshttp.Trust(func(r *http.Request) bool { return true /* say, r.TLS has a certificate of ours */ })

	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello ", user.Get()) })
	server := httptest.NewServer(glshttp.Handler(glshttp.Extract(exports, internal)(hello)))
	defer server.Close()
	client := &http.Client{Transport: glshttp.Transport(nil, exports)}

	user.With("Amélie", func() { fmt.Println(fetch(client, server.URL)) })
	// Output:
	// hello Amélie
}
