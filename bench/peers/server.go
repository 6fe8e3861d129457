package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/seed18162548/contextvars/gls"
)

// connections is how many clients ask at the same time.
const connections = 8

// The headers of a request, which the middleware binds and the handler reads.
const (
	requestHeader = "X-Request-Id"
	userHeader    = "X-User"
	tenantHeader  = "X-Tenant"
)

var (
	requestVar = gls.New[string]("request")
	userVar    = gls.New[string]("user")
	tenantVar  = gls.New[string]("tenant")
)

type contextKey struct{ name string }

var (
	requestKey = &contextKey{"request"}
	userKey    = &contextKey{"user"}
	tenantKey  = &contextKey{"tenant"}
)

func hello(w http.ResponseWriter, request, user, tenant string) {
	fmt.Fprintf(w, "hello %s of %s (%s)\n", user, tenant, request)
}

// plain reads the headers in the handler.
func plain(w http.ResponseWriter, r *http.Request) {
	hello(w, r.Header.Get(requestHeader), r.Header.Get(userHeader), r.Header.Get(tenantHeader))
}

// withGLS gives every request a Context of its own and binds three variables.
func withGLS(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		gls.NewContext().Run(func() {
			requestVar.Set(r.Header.Get(requestHeader))
			userVar.Set(r.Header.Get(userHeader))
			tenantVar.Set(r.Header.Get(tenantHeader))
			next(w, r)
		})
	}
}

func readGLS(w http.ResponseWriter, _ *http.Request) {
	hello(w, requestVar.Get(), userVar.Get(), tenantVar.Get())
}

// withContext binds three values in the request's context.
func withContext(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(r.Context(), requestKey, r.Header.Get(requestHeader))
		ctx = context.WithValue(ctx, userKey, r.Header.Get(userHeader))
		ctx = context.WithValue(ctx, tenantKey, r.Header.Get(tenantHeader))
		next(w, r.WithContext(ctx))
	}
}

func readContext(w http.ResponseWriter, r *http.Request) {
	value := func(key *contextKey) string {
		s, _ := r.Context().Value(key).(string)
		return s
	}
	hello(w, value(requestKey), value(userKey), value(tenantKey))
}

// routes are the handlers that take turns, by the name of the contender.
var routes = []struct {
	name    string
	handler http.Handler
}{
	{"none", http.HandlerFunc(plain)},
	{"gls", withGLS(readGLS)},
	{"context", withContext(readContext)},
}

// serveHTTP measures requests per second and their 99th percentile, of a server
// and clients in this process on the loopback interface. The handlers take
// turns.
func serveHTTP(m *meter) (err error) {
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.Handle("/"+r.name, r.handler)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux}
	closed := make(chan error, 1)
	go func() { closed <- server.Serve(listener) }()
	defer func() {
		err = errors.Join(err, server.Close())
		if e := <-closed; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
	}()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	defer client.CloseIdleConnections()

	url := "http://" + listener.Addr().String() + "/"
	for _, r := range routes { // connections are made, buffers grow
		if _, err := load(client, url+r.name, m.requests); err != nil {
			return err
		}
	}
	backwards := false
	return m.narrow(make([]row, len(routes)), func(which []int) ([]float64, error) {
		rates := make([]float64, len(which))
		for k := range which {
			if backwards {
				k = len(which) - 1 - k
			}
			name := routes[which[k]].name
			t, err := load(client, url+name, m.requests)
			if err != nil {
				return nil, err
			}
			err = m.emit(fmt.Sprintf("HTTP/conns=%d/impl=%s", connections, name), t.requests,
				benchfmt.Value{Value: t.perSecond, Unit: "req/s"},
				benchfmt.Value{Value: float64(t.p99.Nanoseconds()), Unit: "p99-ns"})
			if err != nil {
				return nil, err
			}
			rates[k] = t.perSecond
		}
		backwards = !backwards
		return rates, nil
	})
}

// traffic is what a load test saw.
type traffic struct {
	requests  int
	perSecond float64
	p99       time.Duration
}

// load asks for url over all connections for the given time.
func load(client *http.Client, url string, d time.Duration) (traffic, error) {
	var (
		clients sync.WaitGroup
		took    [connections][]time.Duration
		errs    [connections]error
		start   = time.Now()
	)
	for i := range connections {
		clients.Go(func() {
			for errs[i] == nil && time.Since(start) < d {
				asked := time.Now()
				errs[i] = ask(client, url)
				took[i] = append(took[i], time.Since(asked))
			}
		})
	}
	clients.Wait()
	elapsed := time.Since(start)
	if err := errors.Join(errs[:]...); err != nil {
		return traffic{}, err
	}
	all := slices.Concat(took[:]...)
	slices.Sort(all)
	return traffic{
		requests:  len(all),
		perSecond: float64(len(all)) / elapsed.Seconds(),
		p99:       all[len(all)*99/100],
	}, nil
}

// greeting is what every handler has to answer.
const greeting = "hello alice of acme (request-4711)\n"

// ask makes one request and checks that the answer is for the one who asked.
func ask(client *http.Client, url string) error {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	r.Header.Set(requestHeader, "request-4711")
	r.Header.Set(userHeader, "alice")
	r.Header.Set(tenantHeader, "acme")
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return err
	}
	if string(body) != greeting {
		return fmt.Errorf("%s answered %q", url, body)
	}
	return nil
}
