// Package glslog puts variables of package gls into log records: request IDs,
// tenants, users, without a logger in every signature.
//
//	logger := slog.New(glslog.NewHandler(
//		slog.NewJSONHandler(os.Stderr, nil),
//		glslog.Attr(requestID),
//		glslog.Attr(tenant),
//	))
//
// [NewHandler] wraps any [log/slog.Handler]; [NewWriter] does the same for lines
// of the older package log. Variables are read when a record is handled, on the
// goroutine that logs, so handlers behind may queue records and write them
// elsewhere. A variable that is not bound adds nothing and costs no allocation;
// defaults do not count as bound.
package glslog
