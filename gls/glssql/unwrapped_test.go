package glssql_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glssql"
)

var (
	tenant = gls.New[string]("tenant")
	route  = gls.New[string]("route")
)

// An operation uses a database and returns what a program sees of it.
type operation struct {
	name string
	do   func(ctx context.Context, db *sql.DB) []any
}

// arguments returns lists of arguments, with values that only some converters
// take.
func arguments(r *recorder) [][]any {
	return [][]any{
		{}, {1}, {1, 2}, {special{}}, {removed{}}, {converted{}}, {sql.Named("n", 1)}, {sql.Named("1", 1)}, {nil},
		{1, special{}}, {(chan int)(nil)}, {valuer{r, nil}}, {valuer{r, errors.New("no value")}}, {time.Unix(0, 0).UTC()},
	}
}

// A valuer cancels the operation, if that is to be cancelled.
type valuer struct {
	r   *recorder
	err error
}

func (v valuer) GoString() string { return "valuer" }

func (v valuer) Value() (driver.Value, error) {
	v.r.note("Value")
	v.r.maybeCancel(true)
	return "value", v.err
}

// read returns all that rows say.
func read(rows *sql.Rows, err error) []any {
	if err != nil {
		return []any{err}
	}
	columns, err := rows.Columns()
	seen := []any{columns, err}
	for rows.Next() {
		var n int
		seen = append(seen, rows.Scan(&n), n)
	}
	return append(seen, rows.Err(), rows.Close())
}

func rowsAffected(r sql.Result, err error) []any {
	if err != nil {
		return []any{err}
	}
	n, err2 := r.RowsAffected()
	return []any{n, err2}
}

// operations are what TestLikeUnwrapped does, in this order, with one
// connection.
func operations(r *recorder) (ops []operation) {
	add := func(name string, do func(context.Context, *sql.DB) []any) { ops = append(ops, operation{name, do}) }

	add("ping", func(ctx context.Context, db *sql.DB) []any { return []any{db.Ping(), db.PingContext(ctx)} })
	for _, query := range []string{"ok ?", "ok any", "skip ?", "skip any", "fail ?", "bad ?", "stale ?", "spoil ?", "cancel ?", "x", ""} {
		query := query
		for i, args := range arguments(r) {
			args := args
			suffix := fmt.Sprintf(" %q, arguments %d", query, i)
			add("exec"+suffix, func(ctx context.Context, db *sql.DB) []any {
				return append(rowsAffected(db.ExecContext(ctx, query, args...)), rowsAffected(db.Exec(query, args...))...)
			})
			add("query"+suffix, func(ctx context.Context, db *sql.DB) []any {
				return append(read(db.QueryContext(ctx, query, args...)), read(db.Query(query, args...))...)
			})
			add("prepare"+suffix, func(ctx context.Context, db *sql.DB) []any {
				s, err := db.PrepareContext(ctx, query)
				if err != nil {
					return []any{err}
				}
				seen := rowsAffected(s.ExecContext(ctx, args...))
				seen = append(seen, read(s.QueryContext(ctx, args...))...)
				seen = append(seen, rowsAffected(s.Exec(args...))...)
				return append(seen, s.Close())
			})
		}
	}
	for _, opts := range []*sql.TxOptions{nil, {}, {Isolation: sql.LevelSerializable}, {ReadOnly: true}} {
		opts := opts
		add(fmt.Sprintf("transaction %v", opts), func(ctx context.Context, db *sql.DB) []any {
			tx, err := db.BeginTx(ctx, opts)
			if err != nil {
				return []any{err}
			}
			seen := rowsAffected(tx.Exec("ok ?", 1))
			return append(seen, tx.Commit(), tx.Rollback())
		})
	}
	add("rollback", func(_ context.Context, db *sql.DB) []any {
		tx, err := db.Begin()
		if err != nil {
			return []any{err}
		}
		return []any{tx.Rollback()}
	})
	// Ping waits for the connection, so for the rollback on another goroutine.
	add("transaction cancelled later", func(ctx context.Context, db *sql.DB) []any {
		ctx, cancel := context.WithCancel(ctx)
		_, err := db.BeginTx(ctx, nil)
		cancel()
		return []any{err, db.Ping()}
	})
	add("transaction cancelled by the driver", func(ctx context.Context, db *sql.DB) []any {
		_, err := db.BeginTx(ctx, nil)
		return []any{err, db.Ping()}
	})
	add("connection", func(ctx context.Context, db *sql.DB) []any {
		c, err := db.Conn(ctx)
		if err != nil {
			return []any{err}
		}
		raw := c.Raw(func(x any) error {
			_, ok := glssql.Unwrap(x).(interface{ Begin() (driver.Tx, error) })
			return fmt.Errorf("a connection: %t", ok)
		})
		return append(rowsAffected(c.ExecContext(ctx, "ok ?", 1)), raw, c.Close())
	})
	add("spoil it by Raw", func(ctx context.Context, db *sql.DB) []any {
		c, err := db.Conn(ctx)
		if err != nil {
			return []any{err}
		}
		return []any{c.Raw(func(any) error { return driver.ErrBadConn }), c.Close()}
	})
	add("close", func(_ context.Context, db *sql.DB) []any { return []any{db.Close()} })
	return ops
}

// transcript runs the operations and returns what the program saw and what
// reached the driver.
func transcript(newConn connShape, newStmt stmtShape, open func(driver.Connector) *sql.DB) (lines []string) {
	r := &recorder{newConn: newConn, newStmt: newStmt}
	db := open(r)
	db.SetMaxOpenConns(1)
	for _, op := range operations(r) {
		ctx, cancel := context.WithCancel(context.WithValue(context.Background(), ctxKey{}, "explicit"))
		r.cancel = nil
		if strings.Contains(op.name, "cancel ?") || strings.Contains(op.name, "by the driver") {
			r.cancel = cancel
		}
		seen := op.do(ctx, db)
		lines = append(lines, fmt.Sprintf("%s: %v", op.name, seen))
		lines = append(lines, r.take()...)
		cancel()
	}
	return lines
}

// TestLikeUnwrapped runs the same operations with and without the wrapper, over
// drivers that have and lack each optional interface. The program must see the
// same, and the driver the same calls.
func TestLikeUnwrapped(t *testing.T) {
	wrap := func(c driver.Connector) *sql.DB {
		return sql.OpenDB(glssql.Wrap(c, glssql.Comment(tenant), glssql.CommentPrepared(), glssql.Slow(time.Hour, nil)))
	}
	check := func(name string, newConn connShape, newStmt stmtShape) {
		t.Run(name, func(t *testing.T) {
			want := transcript(newConn, newStmt, sql.OpenDB)
			got := transcript(newConn, newStmt, wrap)
			require.Greater(t, len(want), 400, "the driver must have been used")
			for i := range want { // the first difference says more than the whole
				require.Less(t, i, len(got), "missing: %s", want[i])
				require.Equal(t, want[i], got[i], "line %d", i)
			}
			require.Len(t, got, len(want))
		})
	}
	for conn, newConn := range connShapes {
		check(conn, newConn, stmtShapes["all"])
		check(conn+", statements without", newConn, stmtShapes["none"])
	}
	for stmt, newStmt := range stmtShapes {
		for _, conn := range []string{"all", "none", "NamedValueChecker", "all but NamedValueChecker"} {
			check(conn+", statements with "+stmt, connShapes[conn], newStmt)
		}
	}
}
