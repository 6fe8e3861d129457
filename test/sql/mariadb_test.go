//go:build gls_servers

package sql_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glssql"
)

// TestMariaDB: with the driver's defaults, which has statements with arguments
// prepared, every statement that the program executes has the comment of
// whoever executes it; what it prepares has none.
func TestMariaDB(t *testing.T) {
	dsn, plain := startMariaDB(t)
	_, err := plain.Exec(`CREATE TABLE test_t (a INT)`)
	require.NoError(t, err)
	// logged returns what the server was told to execute that has the mark.
	logged := func(mark string) (texts []string) {
		rows, err := plain.Query(`SELECT argument FROM mysql.general_log WHERE command_type IN ('Query', 'Execute') ORDER BY event_time`)
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
			var text string
			require.NoError(t, rows.Scan(&text))
			if strings.Contains(text, mark) {
				texts = append(texts, text)
			}
		}
		require.NoError(t, rows.Err())
		return texts
	}
	for _, params := range []string{"", "?interpolateParams=true"} {
		db, err := glssql.Open("mysql", dsn+params, glssql.Comment(tenant))
		require.NoError(t, err)
		closeLater(t, db)
		_, err = plain.Exec(`TRUNCATE mysql.general_log`)
		require.NoError(t, err)

		ctx := context.Background()
		var n int
		read := func(rows *sql.Rows, err error) {
			require.NoError(t, err)
			for rows.Next() {
			}
			require.NoError(t, rows.Close())
		}
		for _, who := range []string{"acme", "o'ther*/ ?"} {
			tenant.With(who, func() {
				_, err := db.Exec(`UPDATE test_t SET a = 11`)
				require.NoError(t, err)
				_, err = db.ExecContext(ctx, `UPDATE test_t SET a = ? + 22`, 1)
				require.NoError(t, err)
				read(db.Query(`SELECT 33 FROM test_t`))
				require.NoError(t, db.QueryRow(`SELECT ? + 44`, 1).Scan(&n))
				require.Equal(t, 45, n)
				tx, err := db.Begin()
				require.NoError(t, err)
				read(tx.Query(`SELECT ? + 55`, 1))
				require.NoError(t, tx.Commit())
			})
		}
		for _, mark := range []string{"a = 11", "+ 22", "33 ", "+ 44", "+ 55"} {
			texts := logged(mark)
			require.Len(t, texts, 2, mark)
			require.Contains(t, texts[0], " /*tenant='acme'*/", params)
			require.Contains(t, texts[1], " /*tenant='o%27ther%2A%2F%20%3F'*/", params)
		}

		var stmt *sql.Stmt
		tenant.With("acme", func() {
			stmt, err = db.Prepare(`SELECT ? + 66`)
			require.NoError(t, err)
		})
		tenant.With("other", func() { require.NoError(t, stmt.QueryRow(1).Scan(&n)) })
		require.NoError(t, stmt.Close())
		require.Len(t, logged("+ 66"), 1)
		require.NotContains(t, logged("+ 66")[0], "tenant", "it would be stale")
	}
}
