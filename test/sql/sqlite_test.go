// Package sql_test runs gls/glssql against a real SQLite.
package sql_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glssql"
	"github.com/seed18162548/contextvars/spawn"
)

var (
	tenant = gls.New[string]("tenant")
	route  = gls.New[string]("route")
)

// newFile returns the name of a new database that several connections can use.
func newFile(t *testing.T) string {
	return "file:" + filepath.Join(t.TempDir(), "db") + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)"
}

func open(t *testing.T, opts ...glssql.Option) *sql.DB {
	db, err := glssql.Open("sqlite", newFile(t), opts...)
	require.NoError(t, err)
	closeLater(t, db)
	require.NoError(t, db.Ping()) // the first connection switches the journal, alone
	return db
}

// closeLater closes c when the test ends.
func closeLater(t testing.TB, c io.Closer) {
	t.Cleanup(func() { require.NoError(t, c.Close()) })
}

// table returns all that a query gives, with what is known of its columns.
func table(rows *sql.Rows, err error) (all []any) {
	if err != nil {
		return []any{err.Error()}
	}
	types, err := rows.ColumnTypes()
	all = append(all, err)
	for _, c := range types {
		length, hasLength := c.Length()
		nullable, hasNullable := c.Nullable()
		precision, scale, hasDecimal := c.DecimalSize()
		all = append(all, fmt.Sprint(c.Name(), c.DatabaseTypeName(), c.ScanType(), length, hasLength, nullable, hasNullable,
			precision, scale, hasDecimal))
	}
	for rows.Next() {
		row := make([]any, len(types))
		into := make([]any, len(types))
		for i := range row {
			into[i] = &row[i]
		}
		all = append(all, rows.Scan(into...), row)
	}
	return append(all, rows.Err(), rows.NextResultSet(), rows.Close())
}

// TestLikeUnwrapped runs a program over SQLite with and without the wrapper.
func TestLikeUnwrapped(t *testing.T) {
	program := func(db *sql.DB) (seen []any) {
		see := func(xs ...any) {
			for i, x := range xs {
				if err, ok := x.(error); ok {
					xs[i] = err.Error()
				}
			}
			seen = append(seen, xs...)
		}
		ctx := context.Background()
		exec := func(r sql.Result, err error) {
			see(err)
			if err == nil {
				id, err := r.LastInsertId()
				see(id, err)
				n, err := r.RowsAffected()
				see(n, err)
			}
		}
		see(db.PingContext(ctx))
		exec(db.Exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL, born DATETIME, data BLOB, weight REAL, ok BOOLEAN)`))
		now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
		insert := `INSERT INTO t (name, born, data, weight, ok) VALUES (?, ?, ?, ?, ?);`
		exec(db.ExecContext(ctx, insert, "a", now, []byte{0, 1}, 1.5, true))
		exec(db.Exec(insert, "b", nil, nil, sql.NullFloat64{}, false))
		exec(db.Exec(`INSERT INTO t (name) VALUES (:name)`, sql.Named("name", "c")))
		exec(db.Exec(insert, "too few"))
		exec(db.Exec(`INSERT INTO t (name) VALUES (NULL)`))
		exec(db.Exec(insert, make(chan int), 1, 2, 3, 4))
		exec(db.Exec(`nonsense`))
		see(table(db.Query(`SELECT * FROM t ORDER BY id`))...)
		see(table(db.Query(`SELECT name FROM t WHERE id = ? OR name = ?`, 1, "b"))...)
		see(table(db.Query(`SELECT 1 AS one; SELECT 2 AS two`))...)
		see(table(db.Query(`SELECT missing FROM t`))...)
		var name string
		see(db.QueryRow(`SELECT name FROM t WHERE id = 99`).Scan(&name), name)

		stmt, err := db.Prepare(`SELECT name FROM t WHERE id > ? ORDER BY id`)
		see(err)
		see(table(stmt.Query(1))...)
		see(table(stmt.QueryContext(ctx, sql.Named("n", 1)))...)
		see(table(stmt.Query())...)
		see(stmt.Close())

		for _, opts := range []*sql.TxOptions{nil, {ReadOnly: true}, {Isolation: sql.LevelSerializable}, {Isolation: sql.LevelSnapshot}} {
			tx, err := db.BeginTx(ctx, opts)
			see(err)
			if err == nil {
				exec(tx.Exec(`UPDATE t SET weight = 2`))
				see(table(tx.Query(`SELECT weight FROM t`))...)
				see(tx.Rollback(), tx.Commit())
			}
		}
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		exec(db.ExecContext(cancelled, `DELETE FROM t`))
		see(table(db.Query(`SELECT count(*), sum(weight) FROM t`))...)
		conn, err := db.Conn(ctx)
		see(err)
		see(conn.Raw(func(c any) error {
			b, err := glssql.Unwrap(c).(interface{ Serialize() ([]byte, error) }).Serialize()
			see(len(b) > 0)
			return err
		}))
		see(conn.Close())
		return seen
	}
	plain, err := sql.Open("sqlite", newFile(t))
	require.NoError(t, err)
	closeLater(t, plain)
	want := program(plain)
	require.Greater(t, len(want), 100)

	require.Equal(t, want, program(open(t)), "Open")
	defer tenant.Set("acme").Reset()
	all := []glssql.Option{glssql.Comment(tenant), glssql.CommentPrepared(), glssql.Slow(time.Hour, nil)}
	require.Equal(t, want, program(open(t, all...)), "Open with all options")
	c, err := sqlite.NewConnector(newFile(t))
	require.NoError(t, err)
	db := sql.OpenDB(glssql.Wrap(c, all...))
	closeLater(t, db)
	require.Equal(t, want, program(db), "Wrap")
	require.IsType(t, plain.Driver(), db.Driver())

	name := fmt.Sprintf("sqlite of %p", t) // once per -count
	sql.Register(name, glssql.WrapDriver(plain.Driver(), all...))
	registered, err := sql.Open(name, newFile(t))
	require.NoError(t, err)
	closeLater(t, registered)
	require.Equal(t, want, program(registered), "WrapDriver")
}

// endless is a query that only an interrupt ends.
const endless = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n`

func TestImplicitDeadlineInterruptsSQLite(t *testing.T) {
	db := open(t)
	stmt, err := db.Prepare(endless)
	require.NoError(t, err)
	closeLater(t, stmt)
	var n int
	for name, query := range map[string]func() error{
		"query":    func() error { return db.QueryRow(endless).Scan(&n) },
		"prepared": func() error { return stmt.QueryRow().Scan(&n) },
		"exec":     func() error { _, err := db.Exec(`CREATE TABLE t AS ` + endless); return err },
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
		var err error
		glsctx.With(ctx, func() { err = query() })
		require.True(t, errors.Is(err, context.DeadlineExceeded) || strings.Contains(fmt.Sprint(err), "interrupt"), "%s: %v", name, err)
		require.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
		cancel()
	}
	require.NoError(t, db.QueryRow(`SELECT 7`).Scan(&n), "the connection survives")
	require.Equal(t, 7, n)
}

func TestImplicitCancellationBeforeAStatement(t *testing.T) {
	db := open(t)
	_, err := db.Exec(`CREATE TABLE t (x)`)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	glsctx.With(ctx, func() {
		_, err = db.Exec(`INSERT INTO t VALUES (1)`)
		require.ErrorIs(t, err, context.Canceled)
		// An explicit context wins.
		_, err = db.ExecContext(context.WithoutCancel(ctx), `INSERT INTO t VALUES (2)`)
		require.NoError(t, err)
	})
	var n int
	require.NoError(t, db.QueryRow(`SELECT sum(x) FROM t`).Scan(&n))
	require.Equal(t, 2, n)
}

// TestVariablesInSQLFunctions: the driver runs on the caller's goroutine, so
// functions written in Go see what it has bound.
func TestVariablesInSQLFunctions(t *testing.T) {
	db := open(t)
	var wg spawn.WaitGroup
	for i := 0; i < 8; i++ {
		want := fmt.Sprint("tenant ", i)
		wg.Go(func() {
			defer tenant.Set(want).Reset()
			for j := 0; j < 20; j++ {
				var got string
				if err := db.QueryRow(`SELECT current_tenant()`).Scan(&got); err != nil || got != want {
					t.Errorf("%s got %s, %v", want, got, err)
				}
			}
		})
	}
	wg.Wait()
}
