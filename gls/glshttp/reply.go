package glshttp

import (
	"io"
	"net/http"
)

// A reply is the ResponseWriter that RequestID passes on. Whatever handlers do
// to the header, it has the ID exactly once when it is written. Like any
// ResponseWriter, a reply may be used by one goroutine at a time.
type reply struct {
	http.ResponseWriter
	ids      *requestIDs // whose header it is
	id       string
	wrote    bool // the header, so that it is too late
	hijacked bool

	// These hold the values of the two headers, which saves two allocations. Each
	// header has its own array, because handlers may change them in place.
	request, response [1]string
}

// setID sets the ID, and the response header for handlers that look.
func (r *reply) setID(id string) {
	r.id = id
	r.request[0], r.response[0] = id, id
	r.ResponseWriter.Header()[r.ids.header] = r.response[:]
}

// fix makes the ID the only value of its header, if that is not written yet.
func (r *reply) fix() {
	if r.wrote {
		return
	}
	h := r.ResponseWriter.Header()
	if values := h[r.ids.header]; len(values) != 1 || values[0] != r.id {
		r.response[0] = r.id
		h[r.ids.header] = r.response[:]
	}
}

// Header implements [http.ResponseWriter]. A proxy that has hijacked the
// connection for an upgrade adds its backend's headers to these, asks again,
// and writes them itself.
func (r *reply) Header() http.Header {
	if r.hijacked {
		r.fix()
	}
	return r.ResponseWriter.Header()
}

// finish must be called when the handler has returned, because the server then
// writes the header if the handler did not.
func (r *reply) finish() { r.fix() }

// WriteHeader implements [http.ResponseWriter]. Informational responses have a
// header of their own, and the final one comes later.
func (r *reply) WriteHeader(code int) {
	r.fix()
	r.wrote = r.wrote || code >= 200 || code == http.StatusSwitchingProtocols
	r.ResponseWriter.WriteHeader(code)
}

// Write implements [http.ResponseWriter].
func (r *reply) Write(b []byte) (int, error) {
	r.fix()
	r.wrote = true
	return r.ResponseWriter.Write(b)
}

// WriteString implements [io.StringWriter].
func (r *reply) WriteString(s string) (int, error) {
	r.fix()
	r.wrote = true
	return io.WriteString(r.ResponseWriter, s)
}

// FlushError implements what [http.ResponseController] calls. It returns
// [http.ErrNotSupported] if the underlying writer cannot flush.
func (r *reply) FlushError() error {
	r.fix()
	r.wrote = true
	return http.NewResponseController(r.ResponseWriter).Flush()
}

// Unwrap returns the underlying writer, for [http.ResponseController].
func (r *reply) Unwrap() http.ResponseWriter { return r.ResponseWriter }
