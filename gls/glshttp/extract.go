package glshttp

import (
	"net/http"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// An ExtractOption configures [Extract]: [Exports], [Trust] or [ScrubUntrusted].
type ExtractOption interface{ applyExtract(*extraction) }

type extractOption func(*extraction)

func (o extractOption) applyExtract(e *extraction) { o(e) }

// Trust says which requests come from peers that may speak for others. Without
// it, [Extract] trusts nobody, and [RequestID] takes valid IDs from anybody.
//
// trusted should look at what a client cannot choose: the verified chains of
// r.TLS, an authenticated identity, r.RemoteAddr if the network is one's own.
// Not at headers; and behind a proxy, r.RemoteAddr is the proxy's for everybody.
// A nil trusted panics with [gls.ErrNilFunc].
func Trust(trusted func(r *http.Request) bool) TrustOption {
	mustFunc("Trust", trusted == nil)
	return TrustOption{trusted}
}

// A TrustOption is what [Trust] returns: an option of [Extract] and of
// [RequestID].
type TrustOption struct{ trusted func(*http.Request) bool }

func (o TrustOption) applyExtract(e *extraction) { e.trusted = o.trusted }
func (o TrustOption) applyID(c *requestIDs)      { c.trust = o.trusted }

// ScrubUntrusted has [Extract] remove the headers of the exported variables, and
// the baggage if there are members in it, from requests that are not trusted. A
// server that sends headers on, as [net/http/httputil.ReverseProxy] does, needs
// it: it is a trusted peer to those behind it, and [Transport] lets headers win
// that are on the request already.
func ScrubUntrusted() ExtractOption {
	return extractOption(func(e *extraction) { e.scrub = true })
}

type extraction struct {
	// All fields are immutable after Extract.

	vars    []glsexport.Exported
	trusted func(*http.Request) bool // nil: nobody
	scrub   bool
}

// Extract returns middleware that binds the variables named by [Exports] to what
// the request says, while it is served, if [Trust] says that it may. Values are
// bounded and validated as glsexport.Extract has it; what is not acceptable is
// left out and counted in [ReadStats], and the request goes on.
func Extract(opts ...ExtractOption) func(http.Handler) http.Handler {
	var e extraction
	for _, o := range opts {
		o.applyExtract(&e)
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if e.trusted == nil || !e.trusted(r) {
				if e.scrub {
					e.scrubHeaders(r)
				}
				next.ServeHTTP(w, r)
				return
			}
			bindings, report := glsexport.Extract(HeaderCarrier(r.Header), e.vars...)
			counters.extracted.add(report)
			gls.With(func() { next.ServeHTTP(w, r) }, bindings...)
		})
	}
}

// scrubHeaders removes from r what e would take. It leaves the map alone, which
// others may be reading.
func (e *extraction) scrubHeaders(r *http.Request) {
	cloned := false
	for _, v := range e.vars {
		name := v.Header()
		if _, ok := r.Header[http.CanonicalHeaderKey(name)]; !ok {
			continue
		}
		if !cloned {
			r.Header, cloned = r.Header.Clone(), true
		}
		r.Header.Del(name)
	}
}
