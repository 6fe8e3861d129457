package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/seed18162548/contextvars/spawn"
)

// A server is the whole service, listening.
type server struct {
	store *store
	audit *audit
	http  http.Server
	addr  net.Addr
	ended chan error // gets what http.Server.Serve returns
}

// startServer starts the service on addr, with its data in file. Goroutines that
// work for a request are started with start. observe is told of every change in
// the state of a connection; it may be nil.
func startServer(addr, file string, start starter, observe func(net.Conn, http.ConnState)) (*server, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	st, err := openStore(file)
	if err != nil {
		listener.Close()
		return nil, err
	}
	trail := startAudit(st)
	h := &handlers{&orders{
		store:  st,
		prices: &prices{store: st, audit: trail, start: start},
		audit:  trail,
	}}
	s := &server{
		store: st,
		audit: trail,
		http:  http.Server{Handler: h.routes(), ReadHeaderTimeout: 10 * time.Second, ConnState: observe},
		addr:  listener.Addr(),
		ended: make(chan error, 1),
	}
	spawn.Detached(func() { s.ended <- s.http.Serve(listener) })
	return s, nil
}

// drain lets the requests that are being served end, and the audit trail be
// written. The store stays open, unless drain returns an error.
func (s *server) drain() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		return fmt.Errorf("requests do not end: %w", err)
	}
	s.audit.stop()
	return nil
}
