package glssql

import (
	"context"
	"database/sql/driver"
)

// A conn wraps a connection. It has the optional interfaces that can be bridged;
// shape adds the others. As every driver.Conn, it is used by one goroutine at a
// time.
type conn struct {
	inner  driver.Conn
	config *config
}

// wrap wraps what Connect or Open returned.
func (c *config) wrap(inner driver.Conn, err error) (driver.Conn, error) {
	if err != nil {
		return nil, err
	}
	return shaped(&conn{inner, c}), nil
}

func (c *conn) unwrap() any { return c.inner }

func (c *conn) Close() error { return c.inner.Close() }

// Prepare implements driver.Conn. Package sql calls PrepareContext.
func (c *conn) Prepare(query string) (driver.Stmt, error) {
	s, err := c.inner.Prepare(c.taggedIfAsked(query))
	return c.wrapStmt(s, query, err)
}

// Begin implements driver.Conn. Package sql calls BeginTx.
func (c *conn) Begin() (driver.Tx, error) {
	return c.inner.Begin() //nolint:staticcheck // a wrapper passes on what it is asked
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	ctx, err := c.config.context(ctx)
	if err != nil {
		return nil, err
	}
	s, err := prepare(ctx, c.inner, c.taggedIfAsked(query))
	return c.wrapStmt(s, query, err)
}

// BeginTx implements driver.ConnBeginTx.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	ctx, err := c.config.context(ctx)
	if err != nil {
		return nil, err
	}
	return begin(ctx, c.inner, opts)
}

// Ping implements driver.Pinger. Without it, having a connection is enough.
func (c *conn) Ping(ctx context.Context) error {
	p, ok := c.inner.(driver.Pinger)
	if !ok {
		return nil
	}
	ctx, err := c.config.context(ctx)
	if err != nil {
		return err
	}
	return p.Ping(ctx)
}

// CheckNamedValue implements driver.NamedValueChecker. Without it, package sql
// goes on with what comes next, as ErrSkip makes it do.
func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	if ch, ok := c.inner.(driver.NamedValueChecker); ok {
		return ch.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// taggedIfAsked returns query for a prepared statement.
func (c *conn) taggedIfAsked(query string) string {
	if c.config.prepared {
		return c.config.tagged(query)
	}
	return query
}

// An execer is the driver.ExecerContext of a connection with a driver.Execer or
// driver.ExecerContext.
type execer struct{ c *conn }

func (e execer) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c := e.c.config
	ctx, err := c.context(ctx)
	if err != nil {
		return nil, err
	}
	began := c.now()
	r, err := exec(ctx, e.c.inner, c.tagged(query), args)
	c.finish(ctx, began, query, args, err)
	return r, err
}

// A queryer is the driver.QueryerContext of a connection with a driver.Queryer
// or driver.QueryerContext.
type queryer struct{ c *conn }

func (q queryer) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c := q.c.config
	ctx, err := c.context(ctx)
	if err != nil {
		return nil, err
	}
	began := c.now()
	r, err := runQuery(ctx, q.c.inner, c.tagged(query), args)
	c.finish(ctx, began, query, args, err)
	return r, err
}

// A resetter is the driver.SessionResetter of a connection that has one.
type resetter struct{ c *conn }

// ResetSession resets even if the implicit context is done, as package sql
// ignores if that fails.
func (r resetter) ResetSession(ctx context.Context) error {
	if implicit, err := r.c.config.context(ctx); err == nil {
		ctx = implicit
	}
	return r.c.inner.(driver.SessionResetter).ResetSession(ctx)
}

// A validator is the driver.Validator of a connection that has one.
type validator struct{ c *conn }

func (v validator) IsValid() bool { return v.c.inner.(driver.Validator).IsValid() }
