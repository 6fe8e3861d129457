package glssql_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glssql"
	"github.com/seed18162548/contextvars/spawn"
)

// prepared returns the statements that r's driver has prepared since the last
// call.
func (r *recorder) prepared() (list []string) {
	for _, call := range r.take() {
		_, method, _ := strings.Cut(call, ".")
		if strings.HasPrefix(method, "Prepare") {
			list = append(list, call[strings.Index(call, `"`):])
		}
	}
	return list
}

// commentOf is the comment of the tests of this file.
func commentOf(name string) string { return " /*tenant='" + name + "'*/" }

// TestOneOff checks that a statement that database/sql prepares to execute it
// once has the comment of the goroutine that executes it, whether the driver
// answered ErrSkip or cannot execute directly, and that one that the program
// prepares has none.
func TestOneOff(t *testing.T) {
	ctx := context.Background()
	read := func(rows *sql.Rows, err error) {
		require.NoError(t, err)
		require.NoError(t, rows.Close())
	}
	ways := []struct {
		name string
		do   func(db *sql.DB)
	}{
		{"Exec", func(db *sql.DB) {
			_, err := db.ExecContext(ctx, "skip any", 1)
			require.NoError(t, err)
		}},
		{"Query", func(db *sql.DB) { read(db.QueryContext(ctx, "skip any", 1)) }},
		{"QueryRow", func(db *sql.DB) {
			var n int
			require.NoError(t, db.QueryRow("skip any").Scan(&n))
		}},
		{"Conn", func(db *sql.DB) {
			c, err := db.Conn(ctx)
			require.NoError(t, err)
			read(c.QueryContext(ctx, "skip any", 1))
			require.NoError(t, c.Close())
		}},
		{"Tx", func(db *sql.DB) {
			tx, err := db.Begin()
			require.NoError(t, err)
			read(tx.Query("skip any", 1))
			require.NoError(t, tx.Commit())
		}},
	}
	for _, shape := range []string{"all", "none", "Execer Queryer", "eq", "e", "q", "Execer", "Queryer", "NamedValueChecker"} {
		for _, way := range ways {
			t.Run(shape+" "+way.name, func(t *testing.T) {
				r := newRecorder(shape)
				db := sql.OpenDB(glssql.Wrap(r, glssql.Comment(tenant)))
				defer db.Close()
				for _, who := range []string{"acme", "other"} {
					tenant.With(who, func() { way.do(db) })
					require.Equal(t, []string{fmt.Sprintf("%q", "skip any"+commentOf(who))}, r.prepared())
				}
				way.do(db)
				require.Equal(t, []string{`"skip any"`}, r.prepared(), "nobody's")
			})
		}
		t.Run(shape+" Prepare", func(t *testing.T) {
			r := newRecorder(shape)
			db := sql.OpenDB(glssql.Wrap(r, glssql.Comment(tenant)))
			defer db.Close()
			defer tenant.Set("acme").Reset()
			_, err := db.Exec("skip any", 1)
			require.NoError(t, err)
			r.take()

			stmt, err := db.Prepare("skip any")
			require.NoError(t, err)
			_, err = stmt.Exec(1)
			require.NoError(t, err)
			// While the only connection is taken, it is prepared on another one.
			c, err := db.Conn(ctx)
			require.NoError(t, err)
			read(stmt.Query(1))
			tx, err := c.BeginTx(ctx, nil)
			require.NoError(t, err)
			ofTx, err := tx.Prepare("skip any")
			require.NoError(t, err)
			read(ofTx.Query(1))
			read(tx.Stmt(stmt).Query(1))
			require.NoError(t, tx.Rollback())
			require.NoError(t, c.Close())
			require.NoError(t, stmt.Close())
			for _, text := range r.prepared() {
				require.Equal(t, `"skip any"`, text)
			}
		})
	}
}

// TestStatementsOfOthersHaveNoComment has goroutines share a transaction, one
// of which prepares the same text that others execute.
func TestStatementsOfOthersHaveNoComment(t *testing.T) {
	r := newRecorder("all")
	db := sql.OpenDB(glssql.Wrap(r, glssql.Comment(tenant)))
	defer db.Close()
	tx, err := db.Begin()
	require.NoError(t, err)
	r.take()
	const rounds = 200
	var wg spawn.WaitGroup
	for i := 0; i < 4; i++ {
		i := i
		wg.Go(func() {
			defer tenant.Set(fmt.Sprint("t", i)).Reset()
			for j := 0; j < rounds; j++ {
				if i == 0 { // prepares with a value bound that must not stay
					s, err := tx.Prepare("skip any")
					if err != nil {
						t.Error(err)
						return
					}
					s.Close()
				} else if _, err := tx.Exec("skip any", j); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.NoError(t, tx.Rollback())
	counts := make(map[string]int)
	for _, text := range r.prepared() {
		counts[text]++
	}
	want := map[string]int{`"skip any"`: rounds}
	for i := 1; i < 4; i++ {
		want[fmt.Sprintf("%q", "skip any"+commentOf(fmt.Sprint("t", i)))] = rounds
	}
	require.Equal(t, want, counts)
}

// TestRawSkips checks that code that calls the connection by sql.Conn.Raw, and
// does not prepare, leaves nothing behind that affects a later statement.
func TestRawSkips(t *testing.T) {
	r := newRecorder("all")
	db := sql.OpenDB(glssql.Wrap(r, glssql.Comment(tenant)))
	defer db.Close()
	c, err := db.Conn(context.Background())
	require.NoError(t, err)
	defer c.Close()
	defer tenant.Set("acme").Reset()
	skip := func() {
		require.NoError(t, c.Raw(func(x any) error {
			_, err := x.(driver.ExecerContext).ExecContext(context.Background(), "skip 1", nil)
			require.Equal(t, driver.ErrSkip, err)
			return nil
		}))
	}
	skip()
	_, err = c.PrepareContext(context.Background(), "another 1")
	require.NoError(t, err)
	_, err = c.PrepareContext(context.Background(), "skip 1")
	require.NoError(t, err)
	require.Equal(t, []string{`"another 1"`, `"skip 1"`}, r.prepared())

	var wg sync.WaitGroup
	for i := 0; i < 1000; i++ {
		wg.Add(1)
		go func() { defer wg.Done(); skip() }()
	}
	wg.Wait()
	require.NoError(t, c.Raw(func(x any) error {
		require.LessOrEqual(t, glssql.Skips(x), 64)
		return nil
	}))
}
