// Package glssql wraps drivers of database/sql so that statements carry the
// bindings of the goroutine that runs them:
//
//	db, err := glssql.Open("sqlite", dsn,
//		glssql.Comment(route),
//		glssql.Slow(200*time.Millisecond, nil, glslog.Attr(requestID)),
//	)
//
// Three things happen then, on the goroutine that calls database/sql:
//
//   - Calls without a context (db.Exec, db.Query, or with [context.Background])
//     reach the driver with the implicit context of package glsctx, including
//     its deadline and cancellation, or fail at once if that context is done.
//     Package database/sql itself does not know of it: waiting for a free
//     connection is not cut short, and when the context of rows or of a
//     transaction ends, the driver has to close or end them.
//   - Statements get a comment in the format of sqlcommenter, with the
//     variables that [Comment] names.
//   - Slow statements are logged, with [Slow].
//
// # Optional interfaces
//
// A driver may implement many optional interfaces, and package database/sql
// behaves differently if one is missing. A wrapped connection or statement
// implements nearly all of them; if the driver lacks one, the method does what
// database/sql would do without it. Three differences cannot be bridged in this
// way and remain visible in the type of the wrapper: whether a connection can
// execute and query directly, because otherwise arguments would be converted
// too early, by the wrong converter; whether it can be reset and validated,
// because that decides whether it outlives a cancelled transaction; and whether
// a statement has a ColumnConverter. This takes sixteen types of connections;
// one for each combination of interfaces would take a thousand.
//
// Rows, results and transactions are not wrapped, so they keep all the
// abilities that the driver gave them, in this release of Go and the next. For
// this reason the time of a query is the time until the driver returns its
// rows, not until the last one is read.
package glssql
