package glsdebug_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsdebug"
)

var (
	orderID  = gls.New[string]("order_id")
	password = gls.New[string]("password")
)

func ExampleHandler() {
	mux := http.NewServeMux()
	mux.Handle("/debug/gls", glsdebug.Handler(glsdebug.Visible(orderID), glsdebug.Token("s3cret")))
	server := httptest.NewServer(mux)
	defer server.Close()

	defer orderID.Set("PO-1").Reset()
	defer password.Set("hunter2").Reset()
	resp, err := http.Get(server.URL + "/debug/gls?token=s3cret&format=text&var=order_id&value=PO-1")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	_, bindings, _ := strings.Cut(lines[len(lines)-1], "order_id")
	fmt.Println("order_id" + bindings)
	// Output: order_id="PO-1" password=(hidden)
}

func ExampleAuth() {
	operators := func(r *http.Request) bool {
		name, word, ok := r.BasicAuth()
		return ok && name == "operator" && word == os.Getenv("DEBUG_PASSWORD")
	}
	page := glsdebug.Handler(
		glsdebug.Auth(func(r *http.Request) bool { return glsdebug.Local(r) || operators(r) }),
	)
	w := httptest.NewRecorder()
	page.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://debug.example/debug/gls", nil))
	fmt.Println(w.Code)
	// Output: 403
}

func ExampleWriteMetrics() {
	var b strings.Builder
	if err := glsdebug.WriteMetrics(&b); err != nil {
		fmt.Println(err)
	}
	fmt.Println(strings.SplitN(b.String(), "\n", 3)[1])
	// Output: # TYPE gls_goroutines gauge
}
