package main

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestRouteInProfiles reads the labels of a request that is being served.
func TestRouteInProfiles(t *testing.T) {
	profile := func() string {
		var text bytes.Buffer
		require.NoError(t, pprof.Lookup("goroutine").WriteTo(&text, 1))
		return text.String()
	}
	const label = `"route":"GET /profiles/{po}"`
	var seen string
	mux := http.NewServeMux()
	handle(mux, "GET /profiles/{po}", func(http.ResponseWriter, *http.Request) { seen = profile() })
	edge(mux).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/profiles/PO-1", nil))
	require.Contains(t, seen, label)
	require.NotContains(t, profile(), label)
}

// A row is a goroutine on the page that shows what is bound.
type row struct {
	Site     string `json:"spawned_at"`
	Bindings []struct {
		Var    string
		Value  string
		Hidden bool
	}
}

// rows asks the page for the goroutines of a request.
func rows(t *testing.T, page, id string) []row {
	t.Helper()
	resp, text := do(t, "GET", page+"&format=json&var=request_id&value="+url.QueryEscape(id), "")
	require.Equal(t, 200, resp.StatusCode, text)
	var list struct{ Goroutines []row }
	require.NoError(t, json.Unmarshal([]byte(text), &list), text)
	return list.Goroutines
}

// TestPage looks at a request that waits for its prices, with others beside it.
func TestPage(t *testing.T) {
	asked := make(chan string, 2*len(suppliers))
	held := make(chan struct{})
	release := sync.OnceFunc(func() { close(held) })
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Header.Get(requestHeader)
		<-held
		respond(w, http.StatusOK, quote{r.FormValue("supplier"), 5})
	}))
	defer elsewhere.Close()
	defer release() // first, or a test that fails waits for ever
	p := startProgram(t, "-prices", elsewhere.URL+"/")
	page := p.page

	answered := make(chan int, 2)
	for _, id := range []string{"r-1", "r-10"} {
		r, err := http.NewRequest("PUT", p.url+"/orders/PO-"+id, strings.NewReader(`{"item":"rope","quantity":2}`))
		require.NoError(t, err)
		r.Header.Set(requestHeader, id)
		r.Header.Set(userHeader, "ann")
		r.Header.Set("User-Agent", "<script>alert(1)</script>")
		go func() {
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				answered <- 0
				return
			}
			resp.Body.Close()
			answered <- resp.StatusCode
		}()
	}
	for range 2 * len(suppliers) {
		require.Regexp(t, "^r-10?$", <-asked)
	}

	// One serves it, one asks each supplier; the audit trail may take a moment.
	var found []row
	require.Eventually(t, func() bool {
		found = rows(t, page, "r-1")
		return len(found) == 1+len(suppliers)
	}, 30*time.Second, time.Millisecond, "%v", &found)
	spawned := 0
	for _, g := range found {
		if strings.Contains(g.Site, "prices.go") {
			spawned++
		}
		values := map[string]string{}
		for _, b := range g.Bindings {
			values[b.Var] = b.Value
			require.Equal(t, b.Var == "context.Context", b.Hidden, b.Var)
		}
		require.Equal(t, "r-1", values[requestID.Name()])
		require.Equal(t, "ann", values[user.Name()])
		require.Equal(t, "<script>alert(1)</script>", values[agent.Name()])
		require.Equal(t, "PUT /orders/{po}", values[route.Name()])
		require.Regexp(t, "^[0-9a-f]{16}$", values[traceID.Name()])
	}
	require.Equal(t, len(suppliers), spawned)

	resp, text := do(t, "GET", page, "")
	require.Equal(t, 200, resp.StatusCode)
	require.Contains(t, text, "&lt;script&gt;alert(1)")
	require.NotContains(t, text, "<script>alert")
	resp, text = do(t, "GET", p.url+"/debug/gls", "")
	require.Equal(t, 403, resp.StatusCode)
	require.NotContains(t, text, "ann")

	release()
	require.Equal(t, 201, <-answered)
	require.Equal(t, 201, <-answered)
	require.Eventually(t, func() bool { return len(rows(t, page, "r-1")) == 0 }, 30*time.Second, time.Millisecond)
	p.term()
	stdout, _ := p.wait()
	require.Contains(t, stdout, "what is bound is at "+page+"\n")
}

// TestPageOnEveryAddress opens what the program prints, wherever it listens.
func TestPageOnEveryAddress(t *testing.T) {
	addrs := []string{":0", "0.0.0.0:0", "127.0.0.1:0", "localhost:0"}
	if l, err := net.Listen("tcp", "[::1]:0"); err == nil { // this machine has IPv6
		l.Close()
		addrs = append(addrs, "[::]:0", "[::1]:0")
	}
	for _, addr := range addrs {
		p := startOn(t, addr)
		for _, suffix := range []string{"", "&format=text"} {
			resp, text := do(t, "GET", p.page+suffix, "")
			require.Equal(t, 200, resp.StatusCode, "%s: %s: %s", addr, p.page, text)
		}
		resp, text := do(t, "GET", p.url+"/", "")
		require.Equal(t, 200, resp.StatusCode, "%s: %s: %s", addr, p.url, text)
		resp, text = do(t, "PUT", p.url+"/orders/PO-1", `{"item":"rope","quantity":2}`)
		require.Equal(t, 201, resp.StatusCode, text)
		p.term()
		p.wait()
	}
}

// TestSlow has every statement count as slow: each is in the log, with whom it
// was for.
func TestSlow(t *testing.T) {
	p := startProgram(t, "-slow", "1ns")
	resp, text := do(t, "PUT", p.url+"/orders/PO-1", `{"item":"rope","quantity":2}`, requestHeader, "r-1", userHeader, "ann", traceHeader, "t-1")
	require.Equal(t, 201, resp.StatusCode, text)
	p.term()
	_, log := p.wait()
	for _, statement := range []string{"SELECT cents", "INSERT INTO orders", "UPDATE stock", "INSERT INTO audit"} {
		require.Regexp(t, `msg="slow statement" duration=\S+ query="`+statement+`[^\n]* request_id=r-1 user=ann trace_id=t-1\n`, log)
	}
}
