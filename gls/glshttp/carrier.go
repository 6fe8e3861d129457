package glshttp

import (
	"net/http"

	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// A HeaderCarrier makes headers a [glsexport.Carrier].
type HeaderCarrier http.Header

// Get returns the first value of the header key, or "".
func (h HeaderCarrier) Get(key string) string { return http.Header(h).Get(key) }

// Set makes value the only value of the header key.
func (h HeaderCarrier) Set(key, value string) { http.Header(h).Set(key, value) }

// Values returns all values of the header key.
func (h HeaderCarrier) Values(key string) []string { return http.Header(h).Values(key) }

// Keys returns the names of the headers.
func (h HeaderCarrier) Keys() []string { return glsadapter.Keys(h) }

// Exports sets the variables that [Transport] sends and [Extract] accepts.
// Several Exports options add up.
func Exports(vars ...glsexport.Exported) ExportsOption { return ExportsOption{vars} }

// An ExportsOption is what [Exports] returns: an option of [Transport] and of
// [Extract].
type ExportsOption struct{ vars []glsexport.Exported }

func (o ExportsOption) applyTransport(t *transport) { t.vars = append(t.vars, o.vars...) }
func (o ExportsOption) applyExtract(e *extraction)  { e.vars = append(e.vars, o.vars...) }
