package glsdebug

import (
	"bytes"
	"io"
	"net/http"
	"strconv"

	"github.com/seed18162548/contextvars/gls"
)

// A handler serves the page. Its fields are immutable.
type handler struct {
	config
	lock     *lock
	formMark string // shows that a form is part of this page
	turn     turn
}

// Handler returns the handler of the debugging page. It may be registered under
// any path; the convention is /debug/gls. Without [Auth] or [Token], requests
// need the token that Handler makes; see the package comment.
//
// A request takes time and memory in proportion to the number of goroutines
// that hold state: 0.15 s and 20 MB for a hundred thousand. The handler works
// on one request at a time, so the cost of several does not add up. A response
// never has more than one page of rows.
func Handler(opts ...Option) http.Handler {
	c := config{visible: make(map[gls.AnyVar]*caller), stackLimit: defaultStackLimit}
	for _, o := range opts {
		if o != nil {
			o(&c)
		}
	}
	if c.token == "" {
		c.token = newToken()
	}
	return &handler{config: c, lock: newLock(c.token), formMark: newToken(), turn: newTurn()}
}

// policy allows what the page needs: its own style sheet, script and icon, and
// its own address for the live filter and for forms.
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

	if !h.allows(w, r) {
		return
	}
	switch {
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

// allows reports whether r may see the page. If not, it has answered r.
func (h *handler) allows(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case foreign(r):
		refuse(w, http.StatusForbidden, "This page is not for pages of other sites.")
		return false
	case h.auth != nil:
		ok := h.auth(r)
		if !ok {
			refuse(w, http.StatusForbidden, "This page is not for you: the function given to glsdebug.Auth says no.")
		}
		return ok
	}
	ok, fresh := h.lock.opens(r)
	switch {
	case fresh:
		h.lock.admit(w, r)
	case !ok:
		h.lock.tell(r)
		h.askToken(w, r)
	}
	return ok
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

// serveView answers a GET request with the list in the requested format, or
// with the question whether to take stacks.
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
	var v *view
	if h.turn.take(r.Context(), func() { v = h.newView(r.Context(), q) }) != nil {
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

// respond answers with what write writes. It buffers the response, so that the
// status is right and a slow client holds no lock.
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
