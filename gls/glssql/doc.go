// Package glssql wraps drivers of database/sql so that statements carry what
// the goroutine that runs them has bound:
//
//	db, err := glssql.Open("sqlite", dsn,
//		glssql.Comment(route),
//		glssql.Slow(200*time.Millisecond, nil, glslog.Attr(requestID)),
//	)
//
// Three things happen then, on the goroutine that calls database/sql:
//
//   - What is called without a context (db.Exec, db.Query, or with
//     [context.Background]) reaches the driver with the implicit one of package
//     glsctx, with its deadline and its cancellation, or fails at once if that
//     is done. Package database/sql itself does not know of it: waiting for a
//     free connection is not cut short, and if the context of rows or of a
//     transaction is done, it is the driver that has to close or end them.
//   - Statements get a comment in the format of sqlcommenter, with the
//     variables that [Comment] names.
//   - Statements that are slow are logged, with [Slow].
//
// # Optional interfaces
//
// A driver has many optional interfaces, and package database/sql behaves
// differently if one is missing. A wrapped connection or statement implements
// nearly all of them. Where the driver lacks one, the method does what
// database/sql does in its place. Three differences cannot be bridged in this
// way. The type of the wrapper keeps them: whether a connection can execute and
// query directly, because otherwise arguments would be converted too early, by
// the wrong converter; whether it can be reset and validated, because that
// decides whether it outlives a cancelled transaction; and whether a statement
// has a ColumnConverter. That takes sixteen types of connections; one type for
// each combination would take a thousand.
//
// Rows, results and transactions are the driver's own and not wrapped, so they
// can still do everything that they can do, in this release of Go and the next.
// That is why the time of a query is the time until the driver returns its
// rows, not until the last one is read.
package glssql
