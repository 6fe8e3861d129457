package main

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glshttp"
	"github.com/seed18162548/contextvars/spawn"
)

// newTrail returns an audit that ends with the test.
func newTrail(t *testing.T) *audit {
	t.Helper()
	a := startAudit(newStore(t, inMemory))
	t.Cleanup(a.stop)
	return a
}

// logged returns what f logs.
func logged(f func()) string {
	var log bytes.Buffer
	previous := slog.Default()
	defer slog.SetDefault(previous)
	logTo(&log)
	f()
	return log.String()
}

// asAnn calls f with an identity.
func asAnn(f func()) {
	gls.With(f, requestID.Bind("r-1"), user.Bind("ann"), traceID.Bind("t-1"))
}

// TestIdentityLeaves looks at what another team's price service gets.
func TestIdentityLeaves(t *testing.T) {
	var mu sync.Mutex
	var got []http.Header
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, r.Header)
		respond(w, http.StatusOK, quote{r.FormValue("supplier"), int64(len(got))})
	}))
	defer elsewhere.Close()

	for _, test := range []struct {
		name             string
		start            starter
		request, baggage string
	}{
		{"spawn.Go", spawn.Go, "r-1", "user=ann,trace_id=t-1"},
		{"go", plainGo, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPrices(elsewhere.URL, newTrail(t), test.start)
			defer p.client.CloseIdleConnections()
			got = nil
			asAnn(func() {
				q, err := p.best("PO-1", "rope")
				require.NoError(t, err)
				require.Equal(t, int64(1), q.Cents)
			})
			require.Len(t, got, len(suppliers))
			for _, header := range got {
				require.Equal(t, test.request, header.Get(requestHeader))
				require.Equal(t, test.baggage, header.Get("baggage"))
			}
		})
	}
}

// TestPriceServiceFails checks that each way in which the price service can
// fail is told, with the identity.
func TestPriceServiceFails(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"unknown":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, `north: "rope" is not for sale`},
		"broken":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, "north: ask: the price service answered 500 Internal Server Error"},
		"no JSON":  {func(w http.ResponseWriter, _ *http.Request) { respond(w, 200, "7.50") }, "north: ask: json: cannot unmarshal"},
		"hangs up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "north: ask: "},
	} {
		t.Run(name, func(t *testing.T) {
			elsewhere := httptest.NewServer(test.answer)
			defer elsewhere.Close()
			p := newPrices(elsewhere.URL, newTrail(t), spawn.Go)
			defer p.client.CloseIdleConnections()
			asAnn(func() {
				_, err := p.best("PO-1", "rope")
				require.ErrorContains(t, err, test.says)
				require.ErrorContains(t, err, "[request_id=r-1 user=ann trace_id=t-1]")
			})
		})
	}
}

// TestPriceServerTakesOver sends requests over one connection: each has the
// identity that it brings along, and none that of the one before.
func TestPriceServerTakesOver(t *testing.T) {
	s, err := startPriceServer(newStore(t, inMemory))
	require.NoError(t, err)
	one := &http.Transport{MaxConnsPerHost: 1}
	ask := func(headers http.Header) {
		r, err := http.NewRequest("GET", s.url+"/price?po=PO-1&supplier=west&item=rope", nil)
		require.NoError(t, err)
		r.Header = headers
		resp, err := one.RoundTrip(r)
		require.NoError(t, err)
		var text bytes.Buffer
		_, err = text.ReadFrom(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.JSONEq(t, `{"supplier":"west","cents":1090}`, text.String())
	}
	log := logged(func() {
		ask(http.Header{requestHeader: {"r-1"}, "Baggage": {"user=ann,trace_id=t-1"}})
		ask(http.Header{})
		ask(http.Header{requestHeader: {"r 3"}, "Baggage": {"user=a%20b,trace_id=t-3,tenant=x"}})
		one.CloseIdleConnections()
		require.NoError(t, shutDown(&s.http)) // all is logged then
	})
	lines := strings.Split(strings.TrimSpace(log), "\n")
	require.Len(t, lines, 3)
	for i, end := range []string{" request_id=r-1 user=ann trace_id=t-1", "", " trace_id=t-3"} {
		require.True(t, strings.HasSuffix(lines[i], "msg=quoted po=PO-1 supplier=west cents=1090"+end), lines[i])
	}
}

// TestPriceServerTrustsThisMachine checks that nobody else may say who they
// are.
func TestPriceServerTrustsThisMachine(t *testing.T) {
	s := &priceServer{store: newStore(t, inMemory)}
	for peer, trusted := range map[string]bool{
		"127.0.0.1:4000": true, "127.9.9.9:4000": true, "[::1]:4000": true,
		"192.0.2.1:4000": false, "[2001:db8::1]:4000": false, "": false, "@": false, "localhost:4000": false,
	} {
		log := logged(func() {
			r := httptest.NewRequest("GET", "/price?supplier=west&item=rope", nil)
			r.RemoteAddr = peer
			r.Header.Set(requestHeader, "r-1")
			s.routes().ServeHTTP(httptest.NewRecorder(), r)
		})
		require.Equal(t, trusted, strings.Contains(log, "request_id=r-1"), "%q: %s", peer, log)
	}
}

// TestDeadline has a request ask a price service that does not answer.
func TestDeadline(t *testing.T) {
	gaveUp := make(chan struct{}, len(suppliers))
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		gaveUp <- struct{}{}
	}))
	defer elsewhere.Close()
	trail := newTrail(t)
	p := newPrices(elsewhere.URL, trail, spawn.Go)
	h := &handlers{orders: &orders{store: trail.store, prices: p, audit: trail}}
	mux := http.NewServeMux()
	handle(mux, "PUT /orders/{po}", h.put)
	service := httptest.NewServer(glshttp.Handler(within(50*time.Millisecond, mux), glshttp.BindContext()))
	defer service.Close()

	resp, text := do(t, "PUT", service.URL+"/orders/PO-1", `{"item":"rope","quantity":2}`)
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, text)
	require.Contains(t, text, "context deadline exceeded")
	for range suppliers {
		<-gaveUp
	}
}
