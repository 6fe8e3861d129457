package glshttp

import (
	"net/http"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// An ExtractOption configures [Extract]: [Exports], [Trust] or [KeepUntrusted].
// A nil option is ignored.
type ExtractOption interface{ applyExtract(*extraction) }

type extractOption func(*extraction)

func (o extractOption) applyExtract(e *extraction) { o(e) }

// Trust sets the function that decides which requests come from trusted peers.
// Without it, [Extract] trusts no request, and [RequestID] accepts valid IDs
// from all requests. With it, both accept only what comes with requests for
// which trusted returns true.
//
// trusted should look at what a client cannot choose: the verified chains of
// r.TLS, an authenticated identity, or r.RemoteAddr if the network is your own.
// It should not look at headers. Behind a proxy, r.RemoteAddr is the proxy's
// for every request. Trust panics with [gls.ErrNilFunc] if trusted is nil.
func Trust(trusted func(r *http.Request) bool) TrustOption {
	glsadapter.MustFunc("glshttp.Trust", trusted == nil)
	return TrustOption{trusted}
}

// A TrustOption is what [Trust] returns: an option of [Extract] and of
// [RequestID]. The zero TrustOption changes nothing.
type TrustOption struct{ trusted func(*http.Request) bool }

func (o TrustOption) applyExtract(e *extraction) {
	if o.trusted != nil {
		e.trusted = o.trusted
	}
}

func (o TrustOption) applyID(c *requestIDs) {
	if o.trusted != nil {
		c.trust = o.trusted
	}
}

// KeepUntrusted makes [Extract] leave the headers of exported variables in
// requests that are not trusted, so that handlers can read them and proxies
// pass them on in this server's name. By default Extract removes them.
func KeepUntrusted() ExtractOption {
	return extractOption(func(e *extraction) { e.keep = true })
}

// An extraction is what the options of one Extract add up to. All fields are
// immutable after Extract.
type extraction struct {
	vars    []glsexport.Exported
	trusted func(*http.Request) bool // nil: nobody
	keep    bool
}

// Extract returns middleware that, while a request is served, binds the
// variables named by [Exports] to the values in the request, provided that the
// request is trusted; see [Trust]. Values are limited and validated as by
// glsexport.Extract; those that are not acceptable are left out and counted in
// [ReadStats], and the request goes on.
//
// If the request is not trusted, nothing is bound, and the headers of these
// variables and their members of the baggage are removed as by glsexport.Scrub,
// so that no handler reads them by mistake and no proxy such as
// [net/http/httputil.ReverseProxy] repeats them to servers that trust it.
// r.Header is then replaced by a copy; the map itself is left alone, because
// others may be reading it.
func Extract(opts ...ExtractOption) func(http.Handler) http.Handler {
	var e extraction
	for _, o := range opts {
		if o != nil {
			o.applyExtract(&e)
		}
	}
	return func(next http.Handler) http.Handler {
		mustHandler("Extract", next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if e.trusted == nil || !e.trusted(r) {
				if !e.keep {
					r.Header = glsexport.Scrub(r.Header, e.vars...)
				}
				next.ServeHTTP(w, r)
				return
			}
			bindings, report := glsexport.Extract(HeaderCarrier(r.Header), e.vars...)
			counters.extracted.Add(report)
			gls.With(func() { next.ServeHTTP(w, r) }, bindings...)
		})
	}
}
