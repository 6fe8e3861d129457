package main

import (
	"fmt"
	"log/slog"
	"net/http"
)

// handler returns the whole service.
func (s *service) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/order", s.order)
	return accessLog(mux)
}

// accessLog logs every request after it was served.
func accessLog(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		slog.Info("served", "method", r.Method, "path", r.URL.Path)
	})
}

// order places an order: POST /order?item=bolt. The gateway in front sets the
// headers X-User and X-Tenant.
func (s *service) order(w http.ResponseWriter, r *http.Request) {
	item := r.FormValue("item")
	if item == "" {
		http.Error(w, "no item", http.StatusBadRequest)
		return
	}
	if err := s.place(item); err != nil {
		slog.Error("not placed", "item", item, "error", err)
		http.Error(w, "not placed", http.StatusBadGateway)
		return
	}
	fmt.Fprintln(w, "placed")
}
