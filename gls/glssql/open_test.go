package glssql_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glssql"
)

// A contextDriver is a recorder with driver.DriverContext.
type contextDriver struct{ *recorder }

func (d contextDriver) OpenConnector(name string) (driver.Connector, error) {
	d.note("OpenConnector %q", name)
	if name == "wrong" {
		return nil, errors.New("no such database")
	}
	return namingConnector{d.recorder, d}, nil
}

// A namingConnector knows what made it, as connectors must.
type namingConnector struct {
	*recorder
	driver driver.Driver
}

func (c namingConnector) Driver() driver.Driver { return c.driver }

// A closingDriver has connectors with io.Closer.
type closingDriver struct{ contextDriver }

func (d closingDriver) OpenConnector(name string) (driver.Connector, error) {
	c, err := d.contextDriver.OpenConnector(name)
	return closingConnector{c, d.recorder}, err
}

type closingConnector struct {
	driver.Connector
	r *recorder
}

func (c closingConnector) Close() error { c.r.note("Connector.Close"); return errFail }

// TestDriversAreOpenedAlike compares sql.Open of drivers, of wrapped drivers,
// and glssql.Open.
func TestDriversAreOpenedAlike(t *testing.T) {
	for name, make := range map[string]func(*recorder) driver.Driver{
		"plain":              func(r *recorder) driver.Driver { return struct{ driver.Driver }{r} },
		"with connector":     func(r *recorder) driver.Driver { return contextDriver{r} },
		"closable connector": func(r *recorder) driver.Driver { return closingDriver{contextDriver{r}} },
	} {
		t.Run(name, func(t *testing.T) {
			use := func(r *recorder, dsn string, open func(name, dsn string) (*sql.DB, error), wrap func(driver.Driver) driver.Driver) []string {
				registered := fmt.Sprintf("%s %p", t.Name(), r)
				sql.Register(registered, wrap(make(r)))
				db, err := open(registered, dsn)
				if err != nil {
					return append(r.take(), err.Error())
				}
				r.note("Open returns")
				err = db.PingContext(context.WithValue(context.Background(), ctxKey{}, "dial"))
				return append(r.take(), fmt.Sprint(err, db.Close()), fmt.Sprint(r.take()))
			}
			newRecorder := func() *recorder { return &recorder{newConn: connShapes["all"], newStmt: stmtShapes["all"]} }
			plain := func(d driver.Driver) driver.Driver { return d }
			wrap := func(d driver.Driver) driver.Driver { return glssql.WrapDriver(d) }
			for _, dsn := range []string{"right", "wrong"} {
				want := use(newRecorder(), dsn, sql.Open, plain)
				require.Equal(t, want, use(newRecorder(), dsn, sql.Open, wrap))

				// glssql.Open opens twice; from the second time on it is the same.
				got := use(newRecorder(), dsn, func(name, dsn string) (*sql.DB, error) { return glssql.Open(name, dsn) }, plain)
				if name != "closable connector" {
					require.Equal(t, want, got[len(got)-len(want):])
				} else if dsn == "right" {
					require.Equal(t, []string{`OpenConnector "right"`, "Connector.Close", errFail.Error()}, got,
						"a connector that cannot be closed is not opened twice")
				}
			}
		})
	}
}

func TestOpenOfUnknownDriver(t *testing.T) {
	_, err := glssql.Open("nobody registered this", "")
	require.ErrorContains(t, err, "unknown driver")
}

func TestConnectFails(t *testing.T) {
	db := sql.OpenDB(glssql.Wrap(broken{}))
	require.ErrorIs(t, db.Ping(), errFail)
}

// broken is a driver that cannot connect.
type broken struct{}

func (broken) Connect(context.Context) (driver.Conn, error) { return nil, errFail }
func (broken) Driver() driver.Driver                        { return nil }

func TestUnwrap(t *testing.T) {
	r := &recorder{newConn: connShapes["none"], newStmt: stmtShapes["none"]}
	d := contextDriver{r}
	require.Equal(t, d, glssql.Unwrap(glssql.WrapDriver(glssql.WrapDriver(d))), "all layers")
	require.Same(t, r, glssql.Unwrap(glssql.Wrap(r)))
	require.Nil(t, glssql.Unwrap(nil))
	require.Equal(t, 7, glssql.Unwrap(7))

	db := sql.OpenDB(glssql.Wrap(r))
	require.Same(t, r, db.Driver(), "the driver is not wrapped")
	conn, err := db.Conn(context.Background())
	require.NoError(t, err)
	require.NoError(t, conn.Raw(func(x any) error {
		require.IsType(t, connShapes["none"](nil), glssql.Unwrap(x))
		stmt, err := x.(driver.Conn).Prepare("ok")
		require.NoError(t, err)
		require.IsType(t, stmtShapes["none"](nil), glssql.Unwrap(stmt))
		return nil
	}))
}
