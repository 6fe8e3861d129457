package glssql_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glssql"
	"github.com/seed18162548/contextvars/spawn"
)

// everything calls all methods of db without a context.
func everything(t *testing.T, db *sql.DB) {
	require.NoError(t, db.Ping())
	_, err := db.Exec("ok ?", 1)
	require.NoError(t, err)
	rows, err := db.Query("ok")
	require.NoError(t, err)
	require.NoError(t, rows.Close())
	stmt, err := db.Prepare("ok")
	require.NoError(t, err)
	_, err = stmt.Exec()
	require.NoError(t, err)
	rows, err = stmt.Query()
	require.NoError(t, err)
	require.NoError(t, rows.Close())
	require.NoError(t, stmt.Close())
	tx, err := db.Begin()
	require.NoError(t, err)
	_, err = tx.Exec("ok")
	require.NoError(t, err)
	require.NoError(t, tx.Commit())
}

func newRecorder(conn string) *recorder {
	return &recorder{newConn: connShapes[conn], newStmt: stmtShapes["all"]}
}

func tagged(tag string) context.Context {
	return context.WithValue(context.Background(), ctxKey{}, tag)
}

func TestImplicitContext(t *testing.T) {
	r := newRecorder("all")
	db := sql.OpenDB(glssql.Wrap(r))
	glsctx.With(tagged("implicit"), func() { everything(t, db) })
	require.Equal(t, []string{
		`Connect ctx(implicit,<nil>)`,
		`1.Ping ctx(implicit,<nil>)`, `1.IsValid`,
		`1.ResetSession ctx(implicit,<nil>)`, `1.Conn.CheckNamedValue int`,
		`1.ExecContext ctx(implicit,<nil>) "ok ?" []driver.NamedValue{driver.NamedValue{Name:"", Ordinal:1, Value:1}}`, `1.IsValid`,
		`1.ResetSession ctx(implicit,<nil>)`,
		`1.QueryContext ctx(implicit,<nil>) "ok" []driver.NamedValue{}`, `1.Rows.Close`, `1.IsValid`,
		`1.ResetSession ctx(implicit,<nil>)`, `1.PrepareContext ctx(implicit,<nil>) "ok"`, `1.IsValid`,
		`1.ResetSession ctx(implicit,<nil>)`,
		`1.Stmt.ExecContext ctx(implicit,<nil>) []driver.NamedValue{}`, `1.IsValid`,
		`1.ResetSession ctx(implicit,<nil>)`,
		`1.Stmt.QueryContext ctx(implicit,<nil>) []driver.NamedValue{}`, `1.Rows.Close`, `1.IsValid`, `1.Stmt.Close`,
		`1.ResetSession ctx(implicit,<nil>)`, `1.BeginTx ctx(implicit,<nil>) {0 false}`,
		`1.ExecContext ctx(implicit,<nil>) "ok" []driver.NamedValue{}`, `1.Commit`, `1.IsValid`,
	}, r.take())
}

func TestExplicitContextWins(t *testing.T) {
	r := newRecorder("all")
	db := sql.OpenDB(glssql.Wrap(r))
	glsctx.With(tagged("implicit"), func() {
		_, err := db.ExecContext(tagged("explicit"), "ok")
		require.NoError(t, err)
		_, err = db.ExecContext(context.TODO(), "ok")
		require.NoError(t, err)
	})
	calls := r.take()
	require.Contains(t, calls, `1.ExecContext ctx(explicit,<nil>) "ok" []driver.NamedValue{}`)
	require.Contains(t, calls, `1.ExecContext ctx(implicit,<nil>) "ok" []driver.NamedValue{}`)
}

func TestContextOption(t *testing.T) {
	for _, test := range []struct {
		name string
		f    func() context.Context
		want string
	}{
		{"another source", func() context.Context { return tagged("other") }, "ctx(other,<nil>)"},
		{"nil function", nil, "ctx(<nil>,<nil>)"},
		{"nil context", func() context.Context { return nil }, "ctx(<nil>,<nil>)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRecorder("all")
			db := sql.OpenDB(glssql.Wrap(r, glssql.Context(test.f)))
			glsctx.With(tagged("implicit"), func() { require.NoError(t, db.Ping()) })
			require.Contains(t, r.take(), "1.Ping "+test.want)
		})
	}
}

// TestImplicitContextThatIsDone checks that the driver is not called then, as
// database/sql does not call it with an explicit context that is done.
func TestImplicitContextThatIsDone(t *testing.T) {
	for _, conn := range []string{"all", "none"} {
		r := newRecorder(conn)
		db := sql.OpenDB(glssql.Wrap(r))
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		glsctx.With(ctx, func() { require.ErrorIs(t, db.Ping(), context.Canceled) })
		require.Empty(t, r.take(), "not even connected")

		stmt, err := db.Prepare("ok")
		require.NoError(t, err)
		r.take()
		glsctx.With(ctx, func() {
			_, err := db.Exec("ok")
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, read(db.Query("ok"))[0].(error), context.Canceled)
			_, err = db.Prepare("ok")
			require.ErrorIs(t, err, context.Canceled)
			_, err = db.Begin()
			require.ErrorIs(t, err, context.Canceled)
			_, err = stmt.Exec()
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, read(stmt.Query())[0].(error), context.Canceled)
			if conn == "all" {
				require.ErrorIs(t, db.Ping(), context.Canceled)
			}
		})
		for _, call := range r.take() {
			require.Contains(t, []string{"1.ResetSession ctx(<nil>,<nil>)", "1.IsValid"}, call, "the session is reset all the same")
		}
		everything(t, db)
		require.Equal(t, 1, r.conns, "the connection was kept")
	}
}

// TestDriversWithoutContexts checks that an implicit context that ends while a
// driver without contexts works takes effect between the steps, like an
// explicit one.
func TestDriversWithoutContexts(t *testing.T) {
	r := &recorder{newConn: connShapes["none"], newStmt: stmtShapes["none"]}
	db := sql.OpenDB(glssql.Wrap(r))
	require.NoError(t, db.Ping())
	r.take()
	cancelling := func(f func()) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		r.cancel = cancel
		glsctx.With(ctx, f)
	}
	cancelling(func() {
		_, err := db.Exec("cancel")
		require.ErrorIs(t, err, context.Canceled)
	})
	cancelling(func() {
		_, err := db.Begin()
		require.ErrorIs(t, err, context.Canceled)
	})
	require.Equal(t, []string{`1.Prepare "cancel"`, `1.Stmt.Close`, `1.Begin`, `1.Rollback`}, r.take(),
		"what was made is undone, and nothing is executed")
	r.cancel = nil
	everything(t, db)
}

func TestEveryGoroutineHasItsOwn(t *testing.T) {
	r := newRecorder("all")
	db := sql.OpenDB(glssql.Wrap(r, glssql.Comment(tenant)))
	var wg spawn.WaitGroup
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	for _, name := range names {
		name := name
		wg.Go(func() {
			defer tenant.Set(name).Reset()
			glsctx.With(tagged(name), func() {
				for i := 0; i < 20; i++ {
					if _, err := db.Exec("for " + name); err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
	wg.Wait()
	found := make(map[string]int)
	for _, call := range r.take() {
		for _, name := range names {
			if _, want, ok := cutExec(call); ok && want == `ctx(`+name+`,<nil>) "for `+name+` /*tenant='`+name+`'*/" []driver.NamedValue{}` {
				found[name]++
			}
		}
	}
	for _, name := range names {
		require.Equal(t, 20, found[name], "statements of %s", name)
	}
}
