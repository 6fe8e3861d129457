package sql_test

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"

	"github.com/seed18162548/contextvars/gls/glssql"
	"github.com/seed18162548/contextvars/spawn"
)

func init() {
	sqlite.MustRegisterScalarFunction("current_tenant", 0, func(*sqlite.FunctionContext, []driver.Value) (driver.Value, error) {
		return tenant.Get(), nil
	})
}

// TestCommentsReachSQLite reads them in SQLite's catalogue, which keeps the
// text of a view to its end.
func TestCommentsReachSQLite(t *testing.T) {
	db := open(t, glssql.Comment(tenant), glssql.Comment(route))
	stored := func(view string) (text string) {
		require.NoError(t, db.QueryRow(`SELECT sql FROM sqlite_master WHERE name = ?`, view).Scan(&text))
		return text
	}
	_, err := db.Exec(`CREATE VIEW plain AS SELECT 1`)
	require.NoError(t, err)
	require.Equal(t, `CREATE VIEW plain AS SELECT 1`, stored("plain"))

	defer tenant.Set("acme").Reset()
	defer route.Set("/orders/{id}").Reset()
	_, err = db.Exec(`CREATE VIEW direct AS SELECT 1;`)
	require.NoError(t, err)
	require.Equal(t, `CREATE VIEW direct AS SELECT 1 /*route='%2Forders%2F%7Bid%7D',tenant='acme'*/`, stored("direct"))

	stmt, err := db.Prepare(`CREATE VIEW prepared AS SELECT 1`)
	require.NoError(t, err)
	_, err = stmt.Exec()
	require.NoError(t, err)
	require.NoError(t, stmt.Close())
	require.Equal(t, `CREATE VIEW prepared AS SELECT 1`, stored("prepared"))
}

func TestHostileValues(t *testing.T) {
	db := open(t, glssql.Comment(tenant))
	_, err := db.Exec(`CREATE TABLE users (name TEXT)`)
	require.NoError(t, err)
	hostile := []string{
		"*/; DROP TABLE users; --", "*/ UNION SELECT 1 /*", "'; DROP TABLE users; --", "\n; DROP TABLE users", "\x00", "?", "$1", ":a", "@a",
		strings.Repeat("*/", 400), "!50000 DROP TABLE users", "\\'*/",
	}
	for i, value := range hostile {
		tenant.With(value, func() {
			_, err := db.Exec(`INSERT INTO users VALUES (?)`, value)
			require.NoError(t, err, "%q", value)
			var n int
			require.NoError(t, db.QueryRow(`SELECT count(*) FROM users WHERE name <> ?`, "").Scan(&n), "%q", value)
			require.Equal(t, i+1, n)
		})
	}
}

func TestEveryTenantHasItsOwnComment(t *testing.T) {
	db := open(t, glssql.Comment(tenant))
	var wg spawn.WaitGroup
	const tenants, views = 8, 5
	for i := range tenants {
		wg.Go(func() {
			defer tenant.Set(fmt.Sprint("t", i)).Reset()
			for j := 0; j < views; j++ {
				if _, err := db.Exec(fmt.Sprintf(`CREATE VIEW v_t%d_%d AS SELECT 1`, i, j)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	rows, err := db.Query(`SELECT name, sql FROM sqlite_master`)
	require.NoError(t, err)
	var n int
	for ; rows.Next(); n++ {
		var name, text string
		require.NoError(t, rows.Scan(&name, &text))
		require.Contains(t, text, fmt.Sprintf("/*tenant='%s'*/", strings.Split(name, "_")[1]))
	}
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
	require.Equal(t, tenants*views, n)
}

// TestColumnNames pins what the documentation of Comment warns of.
func TestColumnNames(t *testing.T) {
	db := open(t, glssql.Comment(tenant))
	defer tenant.Set("acme").Reset()
	for query, want := range map[string]string{
		`SELECT 1 AS n`:                  "n",
		`SELECT 1 WHERE true`:            "1",
		`SELECT name FROM sqlite_master`: "name",
		`SELECT 1`:                       "1 /*tenant='acme'*/",
	} {
		rows, err := db.Query(query)
		require.NoError(t, err)
		columns, err := rows.Columns()
		require.NoError(t, err)
		require.Equal(t, []string{want}, columns)
		require.NoError(t, rows.Close())
	}
}
