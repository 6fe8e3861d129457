package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"github.com/seed18162548/contextvars/gls/glsdebug"
	"github.com/seed18162548/contextvars/gls/glspprof"
)

// handlers is the HTTP side of the service.
type handlers struct {
	orders *orders
	token  string // of the page that shows what is bound
}

// routes returns the handler of the whole service: the edge with the handlers
// inside it, and the page that shows what is bound.
func (h *handlers) routes() http.Handler {
	mux := http.NewServeMux()
	handle(mux, "GET /{$}", home)
	handle(mux, "PUT /orders/{po}", h.put)
	handle(mux, "GET /orders/{po}", h.get)

	top := http.NewServeMux()
	top.Handle("/", edge(mux))
	top.Handle("/debug/gls", glsdebug.Handler(
		glsdebug.Track(), glsdebug.Visible(requestID, user, traceID, agent, route), glsdebug.Token(h.token),
	))
	return top
}

// labels splits profiles and traces by route.
var labels = glspprof.New("request", glspprof.Label(route))

// handle registers f for pattern, which is also the name of its route.
func handle(mux *http.ServeMux, pattern string, f http.HandlerFunc) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		route.With(pattern, func() { labels.Do(func() { f(w, r) }) })
	})
}

// put places an order. The customer chooses its number, so a repeated request
// is recognised.
func (h *handlers) put(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Item     string `json:"item"`
		Quantity int    `json:"quantity"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&body); err != nil {
		respondError(w, failed("%w: %w", errMalformed, err))
		return
	}
	o, err := h.orders.place(r.PathValue("po"), body.Item, body.Quantity)
	if err != nil {
		respondError(w, err)
		return
	}
	respond(w, http.StatusCreated, o)
}

// get shows an order, and which request placed it.
func (h *handlers) get(w http.ResponseWriter, r *http.Request) {
	o, err := h.orders.find(r.PathValue("po"))
	if err != nil {
		respondError(w, err)
		return
	}
	respond(w, http.StatusOK, o)
}

// respondError answers with the status for err and its text.
func respondError(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	switch {
	case errors.Is(err, errMalformed), errors.Is(err, errQuantity):
		status = http.StatusBadRequest
	case errors.Is(err, errUnknown), errors.Is(err, errNoOrder):
		status = http.StatusNotFound
	case errors.Is(err, errOutOfStock), errors.Is(err, errDuplicate):
		status = http.StatusConflict
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		status = http.StatusServiceUnavailable
	}
	respond(w, status, struct {
		Error string `json:"error"`
	}{err.Error()})
}

// respond answers with status and body, as JSON.
func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		slog.Warn("response not sent", "error", err)
	}
}
