package glssql_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"testing"
	"time"

	"github.com/seed18162548/contextvars/gls/glssql"
)

// An idle driver does nothing, so that only the way to it is measured.
type idle struct{}

func (idle) Connect(context.Context) (driver.Conn, error) { return idle{}, nil }
func (idle) Driver() driver.Driver                        { return nil }
func (idle) Prepare(string) (driver.Stmt, error)          { return nil, errFail }
func (idle) Close() error                                 { return nil }
func (idle) Begin() (driver.Tx, error)                    { return nil, errFail }
func (idle) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(0), nil
}

func BenchmarkExec(b *testing.B) {
	for _, test := range []struct {
		name string
		db   *sql.DB
	}{
		{"impl=sql", sql.OpenDB(idle{})},
		{"impl=glssql", sql.OpenDB(glssql.Wrap(idle{}))},
		{"comment=1/impl=glssql", sql.OpenDB(glssql.Wrap(idle{}, glssql.Comment(tenant)))},
		{"slow=1/impl=glssql", sql.OpenDB(glssql.Wrap(idle{}, glssql.Slow(time.Hour, nil)))},
	} {
		b.Run(test.name, func(b *testing.B) {
			defer tenant.Set("acme").Reset()
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; i++ {
				if _, err := test.db.Exec("UPDATE orders SET state = ? WHERE id = ?", "paid", i); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
