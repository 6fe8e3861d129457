package glssql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
)

// Open is like [sql.Open] but wraps the driver registered as driverName. To
// find that driver it first opens and closes the database, without connecting.
func Open(driverName, dataSourceName string, opts ...Option) (*sql.DB, error) {
	db, err := sql.Open(driverName, dataSourceName)
	if err != nil {
		return nil, err
	}
	registered := db.Driver()
	if err := db.Close(); err != nil {
		return nil, err
	}
	c, err := newConfig(opts).open(registered, dataSourceName)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

// Wrap returns a connector like c whose connections are wrapped, for
// [sql.OpenDB]. Its Driver method returns the driver of c, which is not
// wrapped.
func Wrap(c driver.Connector, opts ...Option) driver.Connector {
	return &connector{underlying: c, config: newConfig(opts)}
}

// WrapDriver returns a driver like d whose connections are wrapped, for
// [sql.Register]. The Driver method of a [sql.DB] opened with it returns d
// itself.
func WrapDriver(d driver.Driver, opts ...Option) driver.Driver {
	return &wrappedDriver{underlying: d, config: newConfig(opts)}
}

// Unwrap returns what x wraps: the driver's own connection if x is what
// [sql.Conn.Raw] passes to its function, or the driver's connector, driver or
// statement. It returns x itself if this package did not make x.
func Unwrap(x any) any {
	for {
		w, ok := x.(interface{ unwrap() any })
		if !ok {
			return x
		}
		x = w.unwrap()
	}
}

type wrappedDriver struct {
	underlying driver.Driver
	config     *config
}

func (d *wrappedDriver) unwrap() any { return d.underlying }

// Open implements driver.Driver. Package sql calls OpenConnector instead.
func (d *wrappedDriver) Open(name string) (driver.Conn, error) {
	return d.config.wrap(d.underlying.Open(name))
}

// OpenConnector implements driver.DriverContext.
func (d *wrappedDriver) OpenConnector(name string) (driver.Connector, error) {
	return d.config.open(d.underlying, name)
}

// open returns a connector for name, as sql.Open makes one.
func (c *config) open(d driver.Driver, name string) (driver.Connector, error) {
	dc, ok := d.(driver.DriverContext)
	if !ok {
		return &connector{underlying: nameConnector{name, d}, config: c}, nil
	}
	underlying, err := dc.OpenConnector(name)
	if err != nil {
		return nil, err
	}
	return &connector{underlying: underlying, config: c}, nil
}

// A nameConnector is a connector for a driver without connectors.
type nameConnector struct {
	name   string
	driver driver.Driver
}

func (c nameConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.name) }
func (c nameConnector) Driver() driver.Driver                        { return c.driver }

type connector struct {
	underlying driver.Connector
	config     *config
}

func (c *connector) unwrap() any { return c.underlying }

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	ctx, err := c.config.context(ctx)
	if err != nil {
		return nil, err
	}
	return c.config.wrap(c.underlying.Connect(ctx))
}

func (c *connector) Driver() driver.Driver { return c.underlying.Driver() }

// Close implements io.Closer, which is optional for connectors.
func (c *connector) Close() error {
	if closer, ok := c.underlying.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}
