package sql_test

import (
	"fmt"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glssql"
	"github.com/seed18162548/contextvars/spawn"
)

// TestSqlx wraps a pool of glssql: its statements have comments, and what the
// database calls sees the tenant, for many at once.
func TestSqlx(t *testing.T) {
	db := sqlx.NewDb(open(t, glssql.Comment(tenant)), "sqlite")
	var wg spawn.WaitGroup
	for i := range 8 {
		name := fmt.Sprint("tenant-", i)
		defer tenant.Set(name).Reset()
		wg.Go(func() {
			for range 10 {
				var row struct{ Who string }
				if err := db.Get(&row, `SELECT current_tenant() AS who`); err != nil || row.Who != name {
					t.Errorf("%q, %v; want %q", row.Who, err, name)
				}
			}
		})
	}
	wg.Wait()

	defer tenant.Set("acme").Reset()
	_, err := db.NamedExec(`CREATE VIEW seen AS SELECT 1`, map[string]any{})
	require.NoError(t, err)
	var text string
	require.NoError(t, db.Get(&text, db.Rebind(`SELECT sql FROM sqlite_master WHERE name = ?`), "seen"))
	require.Equal(t, `CREATE VIEW seen AS SELECT 1 /*tenant='acme'*/`, text)
	rows, err := db.NamedQuery(`SELECT current_tenant() AS who WHERE :one = 1`, map[string]any{"one": 1})
	require.NoError(t, err)
	defer rows.Close()
	require.True(t, rows.Next())
	require.NoError(t, rows.Scan(&text))
	require.Equal(t, "acme", text)
}
