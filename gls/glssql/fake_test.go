package glssql_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// A recorder notes the calls that reach a driver, and steers it.
type recorder struct {
	mu    sync.Mutex
	calls []string // guarded by mu
	conns int      // guarded by mu
	// cancel ends the context of the operation under way, unless it is nil; Begin,
	// executed queries that contain "cancel", and the argument canceller call it.
	// It is set before the operation.
	cancel func()
	// newConn and newStmt give what the driver makes the type under test.
	newConn func(*fullConn) driver.Conn
	newStmt func(*fullStmt) driver.Stmt
}

func (r *recorder) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, fmt.Sprintf(format, args...))
}

func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	calls := r.calls
	r.calls = nil
	return calls
}

type ctxKey struct{}

// show returns what tells contexts apart.
func show(ctx context.Context) string {
	return fmt.Sprintf("ctx(%v,%v)", ctx.Value(ctxKey{}), ctx.Err())
}

// Open implements driver.Driver.
func (r *recorder) Open(string) (driver.Conn, error) { return r.Connect(context.Background()) }

// Connect implements driver.Connector.
func (r *recorder) Connect(ctx context.Context) (driver.Conn, error) {
	r.mu.Lock()
	r.conns++
	c := &fullConn{recorder: r, id: r.conns}
	r.mu.Unlock()
	r.note("Connect %s", show(ctx))
	return r.newConn(c), nil
}

func (r *recorder) Driver() driver.Driver { return r }

var errFail = errors.New("the driver fails")

// verdict makes the words of a query do things.
func (r *recorder) verdict(query string) error {
	switch {
	case strings.Contains(query, "fail"):
		return errFail
	case strings.Contains(query, "skip"):
		return driver.ErrSkip
	case strings.Contains(query, "bad"):
		return driver.ErrBadConn
	}
	return nil
}

// A fullConn has every optional interface of connections.
type fullConn struct {
	*recorder
	id             int
	stale, invalid bool
}

func (c *fullConn) note(format string, args ...any) {
	c.recorder.note(fmt.Sprint(c.id, ".")+format, args...)
}

func (c *fullConn) stmt(query string) (driver.Stmt, error) {
	c.maybeCancel(strings.Contains(query, "cancel"))
	if err := c.verdict(query); err != nil && err != driver.ErrSkip {
		return nil, err
	}
	c.stale, c.invalid = strings.Contains(query, "stale"), strings.Contains(query, "spoil")
	return c.newStmt(&fullStmt{c, query}), nil
}

func (c *fullConn) Prepare(query string) (driver.Stmt, error) {
	c.note("Prepare %q", query)
	return c.stmt(query)
}

func (c *fullConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	c.note("PrepareContext %s %q", show(ctx), query)
	return c.stmt(query)
}

func (c *fullConn) Close() error { c.note("Close"); return nil }

func (r *recorder) maybeCancel(yes bool) {
	if yes && r.cancel != nil {
		r.cancel()
	}
}

func (c *fullConn) begin() (driver.Tx, error) {
	c.maybeCancel(true)
	return fakeTx{c}, nil
}

func (c *fullConn) Begin() (driver.Tx, error) { c.note("Begin"); return c.begin() }

func (c *fullConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	c.note("BeginTx %s %v", show(ctx), opts)
	return c.begin()
}

func (c *fullConn) Ping(ctx context.Context) error { c.note("Ping %s", show(ctx)); return nil }

func (c *fullConn) exec(query string) (driver.Result, error) {
	c.maybeCancel(strings.Contains(query, "cancel"))
	c.stale, c.invalid = strings.Contains(query, "stale"), strings.Contains(query, "spoil")
	return driver.RowsAffected(7), c.verdict(query)
}

func (c *fullConn) Exec(query string, args []driver.Value) (driver.Result, error) {
	c.note("Exec %q %#v", query, args)
	return c.exec(query)
}

func (c *fullConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.note("ExecContext %s %q %#v", show(ctx), query, args)
	return c.exec(query)
}

func (c *fullConn) Query(query string, args []driver.Value) (driver.Rows, error) {
	c.note("Query %q %#v", query, args)
	return &fakeRows{c, 2}, c.verdict(query)
}

func (c *fullConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.note("QueryContext %s %q %#v", show(ctx), query, args)
	if err := ctx.Err(); err != nil { // else database/sql would close the rows at any moment
		return nil, err
	}
	return &fakeRows{c, 2}, c.verdict(query)
}

func (c *fullConn) ResetSession(ctx context.Context) error {
	c.note("ResetSession %s", show(ctx))
	if c.stale {
		return driver.ErrBadConn
	}
	return nil
}

func (c *fullConn) IsValid() bool { c.note("IsValid"); return !c.invalid }

func (c *fullConn) CheckNamedValue(v *driver.NamedValue) error {
	c.note("Conn.CheckNamedValue %T", v.Value)
	return check(v)
}

// Arguments that the checkers, or only a converter, know.
type (
	special   struct{}
	removed   struct{}
	converted struct{}
)

func check(v *driver.NamedValue) error {
	switch v.Value.(type) {
	case special:
		v.Value = "checked"
		return nil
	case removed:
		return driver.ErrRemoveArgument
	}
	return driver.ErrSkip
}

// A fullStmt has every optional interface of statements.
type fullStmt struct {
	c     *fullConn
	query string
}

func (s *fullStmt) Close() error { s.c.note("Stmt.Close"); return nil }

// NumInput is unknown for queries with "any".
func (s *fullStmt) NumInput() int {
	if strings.Contains(s.query, "any") {
		return -1
	}
	return strings.Count(s.query, "?")
}

func (s *fullStmt) Exec(args []driver.Value) (driver.Result, error) {
	s.c.note("Stmt.Exec %#v", args)
	return driver.RowsAffected(7), nil
}

func (s *fullStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.c.note("Stmt.ExecContext %s %#v", show(ctx), args)
	return driver.RowsAffected(7), nil
}

func (s *fullStmt) Query(args []driver.Value) (driver.Rows, error) {
	s.c.note("Stmt.Query %#v", args)
	return &fakeRows{s.c, 1}, nil
}

func (s *fullStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.c.note("Stmt.QueryContext %s %#v", show(ctx), args)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &fakeRows{s.c, 1}, nil
}

func (s *fullStmt) CheckNamedValue(v *driver.NamedValue) error {
	s.c.note("Stmt.CheckNamedValue %T", v.Value)
	return check(v)
}

func (s *fullStmt) ColumnConverter(i int) driver.ValueConverter {
	s.c.note("Stmt.ColumnConverter %d", i)
	return converter{}
}

type converter struct{}

func (converter) ConvertValue(x any) (driver.Value, error) {
	if _, ok := x.(converted); ok {
		return "converted", nil
	}
	return driver.DefaultParameterConverter.ConvertValue(x)
}

type fakeTx struct{ c *fullConn }

func (t fakeTx) Commit() error   { t.c.note("Commit"); return nil }
func (t fakeTx) Rollback() error { t.c.note("Rollback"); return nil }

// fakeRows are left rows of one number.
type fakeRows struct {
	c    *fullConn
	left int
}

func (r *fakeRows) Columns() []string { return []string{"n"} }
func (r *fakeRows) Close() error      { r.c.note("Rows.Close"); return nil }
func (r *fakeRows) Next(dest []driver.Value) error {
	if r.left == 0 {
		return io.EOF
	}
	dest[0] = int64(r.left)
	r.left--
	return nil
}
