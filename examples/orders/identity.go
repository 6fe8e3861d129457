package main

import (
	"fmt"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glshttp"
)

// The variables of a request. Only the edge binds them.
var (
	requestID = glshttp.ID
	user      = gls.New[string]("user")
	traceID   = gls.New[string]("trace_id")
)

// route is the pattern that a request matched. It is for the labels of
// profiles, which should have few values.
var route = gls.New[string]("route")

// agent is the client's User-Agent. It can be any text, so only the page that
// shows what is bound uses it, which escapes it.
var agent = gls.New[string]("agent")

// exports has the variables that are sent with requests to the price service.
var exports = glshttp.Exports(
	glsexport.ExportHeader(requestID, requestHeader, printable),
	glsexport.Export(user, user.Name(), printable),
	glsexport.Export(traceID, traceID.Name(), printable),
)

// printable is the codec of IDs that are well-formed.
var printable = glsexport.Where(glsexport.String(), wellFormed)

// wellFormed reports whether id has 1 to 64 letters, digits, dots, dashes and
// underscores and nothing else, so that it may be logged, whoever sent it.
func wellFormed(id string) bool {
	for _, c := range []byte(id) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '.', c == '-', c == '_':
		default:
			return false
		}
	}
	return 1 <= len(id) && len(id) <= 64
}

// An identity is the three of them together, for records that keep them.
type identity struct {
	Request string `json:"request_id"`
	User    string `json:"user"`
	Trace   string `json:"trace_id"`
}

// current returns the identity of the request that the calling goroutine works
// for; empty if it works for none.
func current() identity {
	return identity{Request: requestID.Get(), User: user.Get(), Trace: traceID.Get()}
}

// String returns id in the form of the log.
func (id identity) String() string {
	if id == (identity{}) {
		return "no request"
	}
	return fmt.Sprintf("%s=%s %s=%s %s=%s",
		requestID.Name(), id.Request, user.Name(), id.User, traceID.Name(), id.Trace)
}
