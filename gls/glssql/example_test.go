package glssql_test

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"log/slog"
	"os"

	"github.com/seed18162548/contextvars/gls/glslog"
	"github.com/seed18162548/contextvars/gls/glssql"
)

// printing is a connector to a database that prints what it is told.
func printing() driver.Connector {
	r := newRecorder("all")
	r.newConn = func(c *fullConn) driver.Conn { return printer{c} }
	return r
}

type printer struct{ *fullConn }

func (printer) Exec(query string, args []driver.Value) (driver.Result, error) {
	fmt.Println(query, args)
	return driver.RowsAffected(1), nil
}

func (printer) ExecContext() {} // none: Exec is called

func ExampleWrap() {
	db := sql.OpenDB(glssql.Wrap(printing(), glssql.Comment(tenant), glssql.Comment(route)))

	defer tenant.Set("acme").Reset()
	defer route.Set("/orders/{id}").Reset()
	if _, err := db.Exec("UPDATE orders SET state = ? WHERE id = ?", "paid", 7); err != nil {
		fmt.Println(err)
	}
	// Output:
	// UPDATE orders SET state = ? WHERE id = ? /*route='%2Forders%2F%7Bid%7D',tenant='acme'*/ [paid 7]
}

func ExampleSlow() {
	text := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "duration" {
			return slog.Attr{} // differ from run to run
		}
		return a
	}})
	db := sql.OpenDB(glssql.Wrap(printing(), glssql.Slow(0, slog.New(text), glslog.Attr(tenant))))

	defer tenant.Set("acme").Reset()
	if _, err := db.Exec("DELETE FROM sessions WHERE token = ?", "secret"); err != nil {
		fmt.Println(err)
	}
	// Output:
	// DELETE FROM sessions WHERE token = ? [secret]
	// level=WARN msg="slow statement" query="DELETE FROM sessions WHERE token = ?" tenant=acme
}
