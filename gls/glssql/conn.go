package glssql

import (
	"context"
	"database/sql/driver"
)

// A conn wraps a connection. It has the optional interfaces that can be
// bridged; withCapabilities adds the others. Like every driver.Conn, it is used
// by one goroutine at a time.
type conn struct {
	underlying driver.Conn
	config     *config
	variety    *variety // nil unless the driver caches statements
	indirect   bool     // whether it has to prepare statements to execute them, or to query
	skips      []skip
}

// wrap wraps the connection that Connect or Open returned.
func (c *config) wrap(underlying driver.Conn, err error) (driver.Conn, error) {
	if err != nil {
		return nil, err
	}
	w := &conn{underlying: underlying, config: c}
	const direct = executes | queries
	w.indirect = capabilitiesOf(underlying)&direct != direct
	if len(c.tags) > 0 && (c.cache != nil && *c.cache || c.cache == nil && caches(underlying)) {
		w.variety = c.variety
	}
	return withCapabilities(w), nil
}

func (c *conn) unwrap() any { return c.underlying }

func (c *conn) Close() error { return c.underlying.Close() }

// Prepare implements driver.Conn. Package sql calls PrepareContext.
func (c *conn) Prepare(query string) (driver.Stmt, error) {
	s, err := c.underlying.Prepare(c.prepared(query))
	return c.wrapStmt(s, query, err)
}

// Begin implements driver.Conn. Package sql calls BeginTx.
func (c *conn) Begin() (driver.Tx, error) {
	return c.underlying.Begin() //nolint:staticcheck // a wrapper passes on what it is asked
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	text := c.prepared(query)
	ctx, err := c.config.context(ctx)
	if err != nil {
		return nil, err
	}
	s, err := prepare(ctx, c.underlying, text)
	return c.wrapStmt(s, query, err)
}

// BeginTx implements driver.ConnBeginTx.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	ctx, err := c.config.context(ctx)
	if err != nil {
		return nil, err
	}
	return begin(ctx, c.underlying, opts)
}

// Ping implements driver.Pinger. It succeeds if the driver has no Ping, as in
// package sql.
func (c *conn) Ping(ctx context.Context) error {
	p, ok := c.underlying.(driver.Pinger)
	if !ok {
		return nil
	}
	ctx, err := c.config.context(ctx)
	if err != nil {
		return err
	}
	return p.Ping(ctx)
}

// CheckNamedValue implements driver.NamedValueChecker. It returns ErrSkip if
// the driver has no such method, so that package sql goes on as if the
// connection had none.
func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	if ch, ok := c.underlying.(driver.NamedValueChecker); ok {
		return ch.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// commented returns query with its comment.
func (c *conn) commented(query string) string { return c.config.commented(query, c.variety) }

// prepared returns the text to prepare for query: with a comment if the
// statement is executed only once or if all prepared statements get comments.
func (c *conn) prepared(query string) string {
	if len(c.config.tags) > 0 && (c.oneOff(query) || c.config.prepared) {
		return c.commented(query)
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
	r, err := exec(ctx, e.c.underlying, e.c.commented(query), args)
	e.c.skipped(query, err)
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
	r, err := runQuery(ctx, q.c.underlying, q.c.commented(query), args)
	q.c.skipped(query, err)
	c.finish(ctx, began, query, args, err)
	return r, err
}

// A resetter is the driver.SessionResetter of a connection that has one.
type resetter struct{ c *conn }

// ResetSession resets even if the implicit context is done, because
// database/sql ignores the error.
func (r resetter) ResetSession(ctx context.Context) error {
	if implicit, err := r.c.config.context(ctx); err == nil {
		ctx = implicit
	}
	return r.c.underlying.(driver.SessionResetter).ResetSession(ctx)
}

// A validator is the driver.Validator of a connection that has one.
type validator struct{ c *conn }

func (v validator) IsValid() bool { return v.c.underlying.(driver.Validator).IsValid() }
