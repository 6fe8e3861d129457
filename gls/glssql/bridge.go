//nolint:staticcheck // drivers still have the deprecated interfaces
package glssql

import (
	"context"
	"database/sql/driver"
	"errors"
)

// The functions of this file do what package sql does, whether a driver has an
// interface or lacks it: the same calls, the same checks in the same order, the
// same errors. They follow database/sql/ctxutil.go as it is in Go 1.21 to 1.27.
// TestLikeUnwrapped must pass before that range grows.

var (
	errNamed     = errors.New("sql: driver does not support the use of Named Parameters")
	errIsolation = errors.New("sql: driver does not support non-default isolation level")
	errReadOnly  = errors.New("sql: driver does not support read-only transactions")
)

func prepare(ctx context.Context, c driver.Conn, query string) (driver.Stmt, error) {
	if p, ok := c.(driver.ConnPrepareContext); ok {
		return p.PrepareContext(ctx, query)
	}
	s, err := c.Prepare(query)
	if err == nil && done(ctx) {
		_ = s.Close()
		return nil, ctx.Err()
	}
	return s, err
}

func begin(ctx context.Context, c driver.Conn, opts driver.TxOptions) (driver.Tx, error) {
	if b, ok := c.(driver.ConnBeginTx); ok {
		return b.BeginTx(ctx, opts)
	}
	switch {
	case opts.Isolation != 0:
		return nil, errIsolation
	case opts.ReadOnly:
		return nil, errReadOnly
	}
	tx, err := c.Begin()
	if err == nil && done(ctx) {
		_ = tx.Rollback()
		return nil, ctx.Err()
	}
	return tx, err
}

// exec requires that c is a driver.ExecerContext or driver.Execer.
func exec(ctx context.Context, c driver.Conn, query string, args []driver.NamedValue) (driver.Result, error) {
	if e, ok := c.(driver.ExecerContext); ok {
		return e.ExecContext(ctx, query, args)
	}
	values, err := positional(ctx, args)
	if err != nil {
		return nil, err
	}
	return c.(driver.Execer).Exec(query, values)
}

// runQuery requires that c is a driver.QueryerContext or driver.Queryer.
func runQuery(ctx context.Context, c driver.Conn, query string, args []driver.NamedValue) (driver.Rows, error) {
	if q, ok := c.(driver.QueryerContext); ok {
		return q.QueryContext(ctx, query, args)
	}
	values, err := positional(ctx, args)
	if err != nil {
		return nil, err
	}
	return c.(driver.Queryer).Query(query, values)
}

func execStmt(ctx context.Context, s driver.Stmt, args []driver.NamedValue) (driver.Result, error) {
	if e, ok := s.(driver.StmtExecContext); ok {
		return e.ExecContext(ctx, args)
	}
	values, err := positional(ctx, args)
	if err != nil {
		return nil, err
	}
	return s.Exec(values)
}

func queryStmt(ctx context.Context, s driver.Stmt, args []driver.NamedValue) (driver.Rows, error) {
	if q, ok := s.(driver.StmtQueryContext); ok {
		return q.QueryContext(ctx, args)
	}
	values, err := positional(ctx, args)
	if err != nil {
		return nil, err
	}
	return s.Query(values)
}

// positional returns args for a method without a context, or an error if it
// cannot be called because a parameter has a name or ctx is done.
func positional(ctx context.Context, args []driver.NamedValue) ([]driver.Value, error) {
	values := make([]driver.Value, len(args))
	for i, arg := range args {
		if arg.Name != "" {
			return nil, errNamed
		}
		values[i] = arg.Value
	}
	if done(ctx) {
		return nil, ctx.Err()
	}
	return values, nil
}

// done reports whether ctx is done. It checks the channel, as package sql does.
func done(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	default:
		return false
	}
}
