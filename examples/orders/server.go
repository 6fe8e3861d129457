package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/seed18162548/contextvars/spawn"
)

// The settings of a service, from the command line.
type settings struct {
	file   string        // of the database, or inMemory
	slow   time.Duration // duration from which a statement is logged
	prices string        // URL of the price service; empty for one of its own
	start  starter       // of goroutines that work for a request
}

// A server is the whole service, listening.
type server struct {
	store  *store
	audit  *audit
	prices *prices
	supply *priceServer // nil if the price service is elsewhere
	http   http.Server
	url    string     // under which programs on this machine reach it
	page   string     // URL of the page that shows what is bound
	ended  chan error // receives the result of http.Server.Serve
}

// startServer starts the service on addr. observe is called for every change in
// the state of a connection; it may be nil.
func startServer(addr string, set settings, observe func(net.Conn, http.ConnState)) (*server, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	st, err := openStore(set.file, set.slow)
	if err != nil {
		listener.Close()
		return nil, err
	}
	token := rand.Text()
	s := &server{store: st, url: urlOf(listener.Addr()), ended: make(chan error, 1)}
	s.page = s.url + "/debug/gls?token=" + token
	if set.prices == "" {
		if s.supply, err = startPriceServer(st); err != nil {
			listener.Close()
			return nil, errors.Join(err, st.close())
		}
		set.prices = s.supply.url
	}
	s.audit = startAudit(st)
	s.prices = newPrices(set.prices, s.audit, set.start)
	h := &handlers{&orders{store: st, prices: s.prices, audit: s.audit}, token}
	s.http = http.Server{Handler: h.routes(), ReadHeaderTimeout: 10 * time.Second, ConnState: observe}
	spawn.Detached(func() { s.ended <- s.http.Serve(listener) })
	return s, nil
}

// urlOf returns the URL under which programs on this machine reach a server
// that listens on addr, even if that means all addresses.
func urlOf(addr net.Addr) string {
	u := url.URL{Scheme: "http", Host: addr.String()}
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		u.Host = net.JoinHostPort("localhost", strconv.Itoa(tcp.Port))
	}
	return u.String()
}

// drain waits until the requests that are being served have ended and the audit
// trail is written. The store stays open, unless drain returns an error.
func (s *server) drain() error {
	if err := shutDown(&s.http); err != nil {
		return err
	}
	s.audit.stop()
	s.prices.client.CloseIdleConnections()
	if s.supply == nil {
		return nil
	}
	return shutDown(&s.supply.http)
}

// shutDown waits until the requests that h is serving have ended.
func shutDown(h *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := h.Shutdown(ctx); err != nil {
		return fmt.Errorf("requests do not end: %w", err)
	}
	return nil
}
