// Package glslog adds variables of package gls, such as request IDs, tenants
// and users, to log records, so that functions need no logger parameter.
//
//	logger := slog.New(glslog.NewHandler(
//		slog.NewJSONHandler(os.Stderr, nil),
//		glslog.Attr(requestID),
//		glslog.Attr(tenant),
//	))
//
// [NewHandler] wraps any [log/slog.Handler]; [NewWriter] does the same for
// lines of the older package log. Variables are read when a record is handled,
// on the goroutine that logs, so the underlying handlers may queue records and
// write them elsewhere. A variable that is not bound adds nothing and costs no
// allocation. A default does not count as bound.
//
// [Set] adds a field to all lines that follow, without a variable:
//
//	defer glslog.Set("order_id", id).Reset()
//
// The adapters for other loggers (contrib/glszap, contrib/glszerolog and
// contrib/glslogrus) show these fields too.
package glslog
