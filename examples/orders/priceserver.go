package main

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/seed18162548/contextvars/gls/glshttp"
	"github.com/seed18162548/contextvars/spawn"
)

// A priceServer is the price service of another team. Here it runs in the same
// program, but all that it knows of a request came in the headers.
type priceServer struct {
	store *store
	http  http.Server
	url   string
}

// startPriceServer starts the price service on the loopback interface.
func startPriceServer(st *store) (*priceServer, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &priceServer{store: st, url: "http://" + listener.Addr().String()}
	s.http.Handler = s.routes()
	s.http.ReadHeaderTimeout = 10 * time.Second
	spawn.Detached(func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			slog.Error("price service ended", "error", err)
		}
	})
	return s, nil
}

// routes returns the handler of the price service. It isolates requests,
// because its connections serve requests of different customers, and extracts
// the identity from the request.
func (s *priceServer) routes() http.Handler {
	mux := http.NewServeMux()
	handle(mux, "GET /price", s.get)
	return glshttp.Handler(glshttp.Extract(exports, glshttp.Trust(fromHere))(mux), glshttp.BindContext())
}

// fromHere reports whether r comes from this machine, whose programs are
// trusted. In a network, a client certificate would show that.
func fromHere(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().IsLoopback()
}

// get answers with the price of an item at a supplier. The order number is for
// the log.
func (s *priceServer) get(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	po, item, supplier := query.Get("po"), query.Get("item"), query.Get("supplier")
	cents, err := s.store.price(supplier, item)
	if err != nil {
		slog.Warn("not quoted", "po", po, "supplier", supplier, "error", err)
		respondError(w, err)
		return
	}
	slog.Info("quoted", "po", po, "supplier", supplier, "cents", cents)
	respond(w, http.StatusOK, quote{Supplier: supplier, Cents: cents})
}
