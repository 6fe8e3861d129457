//go:build gls_servers

package sql_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glssql"
)

var request = gls.New[string]("request_id")

// uncached has pgx not cache statements.
const uncached = "&default_query_exec_mode=exec"

// TestPostgres: every statement that the program executes has the comment of
// whoever executes it, through both drivers; what it prepares has none.
func TestPostgres(t *testing.T) {
	dsn, log := startPostgres(t)
	for _, driver := range []struct{ name, dsn string }{
		{"pgx", dsn},
		{"pgx", dsn + uncached},
		{"postgres", dsn},
	} {
		db, err := glssql.Open(driver.name, driver.dsn, glssql.Comment(tenant))
		require.NoError(t, err)
		closeLater(t, db)
		name := fmt.Sprintf("%s %s", driver.name, strings.TrimPrefix(driver.dsn, dsn))
		from := len(log.String())
		var n int
		for _, who := range []string{"acme", "o'ther*/ $1"} {
			tenant.With(who, func() {
				_, err := db.Exec(`SET statement_timeout = 11000`)
				require.NoError(t, err)
				_, err = db.ExecContext(context.Background(), `SELECT $1::int + 22`, 1)
				require.NoError(t, err)
				require.NoError(t, db.QueryRow(`SELECT 33 + 0`).Scan(&n))
				require.NoError(t, db.QueryRow(`SELECT $1::int + 44`, 1).Scan(&n))
				require.Equal(t, 45, n)
				tx, err := db.Begin()
				require.NoError(t, err)
				require.NoError(t, tx.QueryRow(`SELECT $1::int + 55`, 1).Scan(&n))
				require.NoError(t, tx.Commit())
			})
		}
		var stmt *sql.Stmt
		tenant.With("acme", func() {
			stmt, err = db.Prepare(`SELECT $1::int + 66`)
			require.NoError(t, err)
		})
		tenant.With("other", func() { require.NoError(t, stmt.QueryRow(1).Scan(&n)) })
		require.NoError(t, stmt.Close())

		// logged returns the executions with the mark.
		logged := func(mark string) (texts []string) {
			for _, line := range strings.Split(log.String()[from:], "\n") {
				if strings.Contains(line, mark) && (strings.Contains(line, "execute ") || strings.Contains(line, "statement: ")) {
					texts = append(texts, line)
				}
			}
			return texts
		}
		require.Eventually(t, func() bool { return len(logged("+ 66")) > 0 }, time.Minute, time.Millisecond, "%s", log)
		for _, mark := range []string{"= 11000", "+ 22", "33 + 0", "+ 44", "+ 55"} {
			texts := logged(mark)
			require.Len(t, texts, 2, "%s: %s", name, mark)
			require.Contains(t, texts[0], " /*tenant='acme'*/", name)
			require.Contains(t, texts[1], " /*tenant='o%27ther%2A%2F%20%241'*/", name)
		}
		require.NotContains(t, strings.Join(logged("+ 66"), ""), "tenant", "it would be stale")
	}
}

// TestPgxStatementCache: with a request ID among the variables, pgx's cache
// goes on working, and the server does not keep a statement for each request.
// Where pgx does not cache, nothing is left out.
func TestPgxStatementCache(t *testing.T) {
	dsn, _ := startPostgres(t)
	for _, mode := range []struct {
		dsn      string
		omitted  []gls.AnyVar
		prepared int // statements at most that the server has
	}{
		{dsn, []gls.AnyVar{request}, 150},
		{dsn + "&default_query_exec_mode=cache_describe", []gls.AnyVar{request}, 0},
		{dsn + uncached, nil, 0},
		{dsn + "&default_query_exec_mode=simple_protocol", nil, 0},
	} {
		var omitted []gls.AnyVar
		db, err := glssql.Open("pgx", mode.dsn, glssql.Comment(tenant), glssql.Comment(request),
			glssql.OnOmit(func(v gls.AnyVar) { omitted = append(omitted, v) }))
		require.NoError(t, err)
		closeLater(t, db)
		db.SetMaxOpenConns(1)
		var text string
		for i := range 2000 {
			gls.With(func() {
				require.NoError(t, db.QueryRow(`SELECT current_query() AS q, $1::int AS n`, i).Scan(&text, new(int)))
			}, tenant.Bind(fmt.Sprint("t", i%3)), request.Bind(fmt.Sprint("id-", i)))
		}
		require.Equal(t, mode.omitted, omitted, mode.dsn)
		require.Contains(t, text, "tenant='t1'")
		require.Equal(t, len(mode.omitted) == 0, strings.Contains(text, "request_id='id-1999'"), text)
		var prepared int
		require.NoError(t, db.QueryRow(`SELECT count(*) AS n FROM pg_prepared_statements`).Scan(&prepared))
		require.LessOrEqual(t, prepared, mode.prepared+1, mode.dsn)
	}
}

// TestPgStatStatements pins what the documentation of Comment says of it: one
// entry for a statement, with the comment of its first execution.
func TestPgStatStatements(t *testing.T) {
	dsn, _ := startPostgres(t)
	db, err := glssql.Open("pgx", dsn+uncached, glssql.Comment(tenant))
	require.NoError(t, err)
	closeLater(t, db)
	_, err = db.Exec(`CREATE EXTENSION pg_stat_statements`)
	require.NoError(t, err)
	for _, who := range []string{"first", "second", "third"} {
		tenant.With(who, func() {
			_, err := db.Exec(`SELECT $1::int + 77`, 1)
			require.NoError(t, err)
		})
	}
	rows, err := db.Query(`SELECT query, calls FROM pg_stat_statements WHERE query LIKE $1 AND query NOT LIKE '%pg_stat%'`, "%int +%")
	require.NoError(t, err)
	defer rows.Close()
	require.True(t, rows.Next())
	var text string
	var calls int
	require.NoError(t, rows.Scan(&text, &calls))
	require.Equal(t, 3, calls)
	require.Contains(t, text, "/*tenant='first'*/")
	require.False(t, rows.Next(), "one entry")
}

// BenchmarkPgx is what comments cost where the driver caches statements: with a
// request ID that is left out after a while, and with one that is not.
func BenchmarkPgx(b *testing.B) {
	dsn, _ := startPostgres(b)
	for _, c := range []struct {
		name string
		dsn  string
		opts []glssql.Option
	}{
		{"none", dsn, nil},
		{"tenant", dsn, []glssql.Option{glssql.Comment(tenant)}},
		{"tenant and request", dsn, []glssql.Option{glssql.Comment(tenant), glssql.Comment(request)}},
		{"all, nothing left out", dsn, []glssql.Option{glssql.Comment(tenant), glssql.Comment(request), glssql.StatementCache(false)}},
		{"all, not cached", dsn + uncached, []glssql.Option{glssql.Comment(tenant), glssql.Comment(request)}},
	} {
		db, err := glssql.Open("pgx", c.dsn, c.opts...)
		require.NoError(b, err)
		closeLater(b, db)
		db.SetMaxOpenConns(1)
		i := 0
		one := func() {
			i++
			var n int
			gls.With(func() { err = db.QueryRow(`SELECT $1::int AS n`, i).Scan(&n) },
				tenant.Bind("acme"), request.Bind(fmt.Sprint("id-", i)))
			require.NoError(b, err)
		}
		for range 200 { // until it is known what has many values
			one()
		}
		b.Run("comment="+c.name, func(b *testing.B) {
			for b.Loop() {
				one()
			}
		})
	}
}
