package main

import (
	"io"
	"log/slog"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glshttp"
	"github.com/seed18162548/contextvars/gls/glslog"
)

// user is the user of the request. The request's ID is glshttp.ID, and its
// trace glsnats.TraceParent.
var user = gls.New[string]("user")

// exports has the variables that both processes exchange, besides the trace.
var exports = glsnats.Exports(
	glsexport.ExportHeader(glshttp.ID, "X-Request-ID", glsexport.String()),
	glsexport.Export(user, "user", glsexport.String()),
)

// An identity is what a log line, a row and a reply should contain.
type identity struct{ Request, User, Trace string }

// current returns the identity that is bound.
func current() identity {
	id := identity{Request: glshttp.ID.Get(), User: user.Get()}
	if trace, ok := glsnats.TraceParent.Lookup(); ok {
		id.Trace = trace.TraceID()
	}
	return id
}

// logger returns a logger whose lines contain the identity and the name of the
// process.
func logger(w io.Writer, process string) *slog.Logger {
	return slog.New(glslog.NewHandler(slog.NewTextHandler(w, nil),
		glslog.Attr(glshttp.ID),
		glslog.Attr(user),
		glslog.AttrFunc("trace_id", glsnats.TraceParent, func(t glsnats.Trace) slog.Value {
			return slog.StringValue(t.TraceID())
		}),
	)).With("process", process)
}
