package main

import (
	"log/slog"
	"net/http"
	"time"
)

// access returns a handler that calls next and logs one line per request.
func access(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		seen := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, r)
		slog.Info("request", "method", r.Method, "path", r.URL.Path,
			"status", seen.status, "took", time.Since(begin).Round(10*time.Microsecond))
	})
}

// A statusRecorder is a ResponseWriter that records the status.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (w *statusRecorder) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *statusRecorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
