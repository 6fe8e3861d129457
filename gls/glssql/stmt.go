//nolint:staticcheck // drivers still have the deprecated interfaces
package glssql

import (
	"context"
	"database/sql/driver"
)

// A stmt wraps a prepared statement. It has the optional interfaces that can be
// bridged; convertingStmt adds the remaining one.
type stmt struct {
	underlying driver.Stmt
	conn       *conn
	query      string // without comment
}

// A convertingStmt is a stmt that has a driver.ColumnConverter. It is a type of
// its own because package sql uses a converter only up to the number of
// placeholders and otherwise converts by default, which no converter could
// imitate.
type convertingStmt struct {
	*stmt
	columns driver.ColumnConverter
}

func (s convertingStmt) ColumnConverter(i int) driver.ValueConverter {
	return s.columns.ColumnConverter(i)
}

// wrapStmt wraps the statement that Prepare returned.
func (c *conn) wrapStmt(underlying driver.Stmt, query string, err error) (driver.Stmt, error) {
	if err != nil {
		return nil, err
	}
	s := &stmt{underlying, c, query}
	if cc, ok := underlying.(driver.ColumnConverter); ok {
		return convertingStmt{s, cc}, nil
	}
	return s, nil
}

func (s *stmt) unwrap() any { return s.underlying }

func (s *stmt) Close() error { return s.underlying.Close() }

func (s *stmt) NumInput() int { return s.underlying.NumInput() }

// Exec implements driver.Stmt. Package sql calls ExecContext.
func (s *stmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.underlying.Exec(args)
}

// Query implements driver.Stmt. Package sql calls QueryContext.
func (s *stmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.underlying.Query(args)
}

// ExecContext implements driver.StmtExecContext.
func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	c := s.conn.config
	ctx, err := c.context(ctx)
	if err != nil {
		return nil, err
	}
	began := c.now()
	r, err := execStmt(ctx, s.underlying, args)
	c.finish(ctx, began, s.query, args, err)
	return r, err
}

// QueryContext implements driver.StmtQueryContext.
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	c := s.conn.config
	ctx, err := c.context(ctx)
	if err != nil {
		return nil, err
	}
	began := c.now()
	r, err := queryStmt(ctx, s.underlying, args)
	c.finish(ctx, began, s.query, args, err)
	return r, err
}

// CheckNamedValue implements driver.NamedValueChecker. Without it, package sql
// asks the connection.
func (s *stmt) CheckNamedValue(v *driver.NamedValue) error {
	if ch, ok := s.underlying.(driver.NamedValueChecker); ok {
		return ch.CheckNamedValue(v)
	}
	return s.conn.CheckNamedValue(v)
}
