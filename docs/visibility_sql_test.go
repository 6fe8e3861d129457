package docs_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// A sqlDriver looks in the functions of a driver; nil ones do not look.
type sqlDriver struct {
	connect, use, rollback func()
}

func look(see func()) {
	if see != nil {
		see()
	}
}

func (d *sqlDriver) Open(string) (driver.Conn, error) { return nil, driver.ErrSkip }
func (d *sqlDriver) Driver() driver.Driver            { return d }
func (d *sqlDriver) Connect(context.Context) (driver.Conn, error) {
	look(d.connect)
	return &sqlConn{d}, nil
}

type sqlConn struct{ d *sqlDriver }

func (c *sqlConn) Prepare(string) (driver.Stmt, error) { look(c.d.use); return &sqlStmt{c.d}, nil }
func (c *sqlConn) Close() error                        { return nil }
func (c *sqlConn) Begin() (driver.Tx, error)           { look(c.d.use); return &sqlTx{c.d}, nil }

type sqlTx struct{ d *sqlDriver }

func (x *sqlTx) Commit() error   { look(x.d.use); return nil }
func (x *sqlTx) Rollback() error { look(x.d.rollback); return nil }

type sqlStmt struct{ d *sqlDriver }

func (s *sqlStmt) Close() error  { return nil }
func (s *sqlStmt) NumInput() int { return -1 }
func (s *sqlStmt) Exec([]driver.Value) (driver.Result, error) {
	look(s.d.use)
	return driver.RowsAffected(1), nil
}
func (s *sqlStmt) Query([]driver.Value) (driver.Rows, error) {
	look(s.d.use)
	return &sqlRows{s.d, 1}, nil
}

type sqlRows struct {
	d    *sqlDriver
	left int
}

func (r *sqlRows) Columns() []string { return []string{"x"} }
func (r *sqlRows) Close() error      { return nil }
func (r *sqlRows) Next(dest []driver.Value) error {
	look(r.d.use)
	if r.left == 0 {
		return io.EOF
	}
	r.left--
	dest[0] = "x"
	return nil
}

// A sqlValue looks when it is sent and when it is scanned.
type sqlValue struct{ see func() }

func (v sqlValue) Value() (driver.Value, error) { v.see(); return "x", nil }
func (v sqlValue) Scan(any) error               { v.see(); return nil }

func init() {
	visibilityRows = append(visibilityRows, []visibilityRow{
		{"`database/sql` drivers: `Prepare`, `Exec`, `Query`, `Next`, `Begin`, `Commit`", true, "", func(t *testing.T, see func()) {
			db := sql.OpenDB(&sqlDriver{use: see})
			defer db.Close()
			_, err := db.Exec("x")
			require.NoError(t, err)
			var x string
			require.NoError(t, db.QueryRow("x").Scan(&x))
			tx, err := db.Begin()
			require.NoError(t, err)
			require.NoError(t, tx.Commit())
		}},
		{"`driver.Valuer`, `sql.Scanner`", true, "", func(t *testing.T, see func()) {
			db := sql.OpenDB(&sqlDriver{})
			defer db.Close()
			require.NoError(t, db.QueryRow("x", sqlValue{see}).Scan(sqlValue{see}))
		}},
		{"`driver.Connector.Connect`, for a caller that finds room in the pool", true, "", func(t *testing.T, see func()) {
			db := sql.OpenDB(&sqlDriver{connect: see})
			defer db.Close()
			require.NoError(t, db.Ping())
		}},
		{"`driver.Connector.Connect`, for a caller that had to wait for room", false, "", lookInThePoolsOpener},
		{"`driver.Tx.Rollback`, after the context was cancelled", false, "", func(t *testing.T, see func()) {
			done := make(chan struct{})
			db := sql.OpenDB(&sqlDriver{rollback: func() { defer close(done); see() }})
			defer db.Close()
			ctx, cancel := context.WithCancel(context.Background())
			_, err := db.BeginTx(ctx, nil)
			require.NoError(t, err)
			cancel()
			<-done
		}},
	}...)
}

// lookInThePoolsOpener has a caller wait for the only connection of a pool, and
// that one break: the pool opens another on a goroutine of its own.
func lookInThePoolsOpener(t *testing.T, see func()) {
	d := &sqlDriver{}
	db := sql.OpenDB(d)
	defer db.Close()
	db.SetMaxOpenConns(1)
	only, err := db.Conn(context.Background())
	require.NoError(t, err)
	d.connect = see
	go func() {
		for db.Stats().WaitCount == 0 {
			runtime.Gosched()
		}
		_ = only.Raw(func(any) error { return driver.ErrBadConn })
	}()
	require.NoError(t, db.Ping())
}
