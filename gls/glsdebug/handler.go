package glsdebug

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"io"
	"net/http"
	"strconv"

	"github.com/seed18162548/contextvars/gls"
)

// A handler serves the page.
type handler struct {
	// All fields are immutable after Handler.

	visible    map[gls.AnyVar]bool
	auth       func(*http.Request) bool
	stackLimit int
	token      string // proves that a form is one of ours
	turn       chan struct{}
}

// Handler returns the debugging page, for whatever path it is registered under,
// by convention /debug/gls.
//
// Looking at n goroutines takes time and memory in proportion to n: 0.15 s and
// 20 MB for a hundred thousand. Of several requests one is worked on at a time,
// so that watchers cannot add up. Only a page of rows is ever sent.
func Handler(opts ...Option) http.Handler {
	h := &handler{
		visible:    make(map[gls.AnyVar]bool),
		auth:       Local,
		stackLimit: defaultStackLimit,
		token:      newToken(),
		turn:       make(chan struct{}, 1),
	}
	for _, o := range opts {
		if o.apply != nil {
			o.apply(h)
		}
	}
	return h
}

// newToken returns a secret of 128 bits.
func newToken() string {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic("glsdebug: no randomness: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// policy allows what the page needs: its own style sheet, script and icon, its
// own address for the live filter and for forms.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Cache-Control", "no-store")

	switch {
	case !h.auth(r) || foreign(r):
		refuse(w, http.StatusForbidden, "This page is for this machine only: a loopback peer, a loopback Host, no proxy, no other site.\nglsdebug.Auth lets others in.")
	case r.URL.Query().Get("asset") != "" && safe(r):
		serveAsset(w, r)
	case safe(r):
		h.serveView(w, r)
	case r.Method == http.MethodPost && r.URL.Query().Get("stacks") != "":
		h.serveStacks(w, r)
	default:
		header.Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed, "The page is read with GET.")
	}
}

// refuse answers with an error.
func refuse(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", plain)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}

const (
	plain      = "text/plain; charset=utf-8"
	jsonType   = "application/json"
	markup     = "text/html; charset=utf-8"
	exposition = "text/plain; version=0.0.4; charset=utf-8"
)

// serveView answers a GET: the list in the form that was asked for, or the
// question whether to take stacks.
func (h *handler) serveView(w http.ResponseWriter, r *http.Request) {
	q := parseQuery(r.URL.Query())
	format := r.URL.Query().Get("format")
	switch format {
	case "prometheus":
		respond(w, exposition, WriteMetrics)
		return
	case "expvar":
		respond(w, jsonType, writeExpvar)
		return
	}
	if q.Stacks != "" {
		h.ask(w, q, first)
		return
	}
	v, err := h.look(r.Context(), q)
	if err != nil {
		return // the client has gone
	}
	switch format {
	case "":
		respond(w, markup, renderer("list", newPage(v)))
	case "json":
		respond(w, jsonType, v.writeJSON)
	case "text":
		respond(w, plain, v.writeText)
	default:
		refuse(w, http.StatusBadRequest, "There is no such format. There are: json, text, prometheus, expvar, and none for the page.")
	}
}

// look makes a view when it is this request's turn. It fails if ctx ends before.
func (h *handler) look(ctx context.Context, q query) (*view, error) {
	select {
	case h.turn <- struct{}{}:
		defer func() { <-h.turn }()
		return h.newView(q), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// respond answers with what write writes. It is written to memory first, so that
// the status is right and a slow client holds nothing.
func respond(w http.ResponseWriter, contentType string, write func(io.Writer) error) {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		refuse(w, http.StatusInternalServerError, "glsdebug: "+err.Error())
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	_, _ = w.Write(b.Bytes())
}
