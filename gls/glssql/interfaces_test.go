//nolint:staticcheck // drivers still have the deprecated interfaces
package glssql_test

import (
	"context"
	"database/sql/driver"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glssql"
)

// What an interface of database/sql/driver is implemented by.
const (
	theDriver    = "driver"
	theConnector = "connector"
	theConn      = "connection"
	theStmt      = "statement"
	notWrapped   = "what the driver returns, which is not wrapped"
	notDriver    = "arguments and package driver itself"
)

// A kept interface is one that the wrapper has if the driver has it.
type kept struct {
	on   string
	with reflect.Type // nil: by the identity of what is returned
}

// of returns the type of interface I.
func of[I any]() reflect.Type { return reflect.TypeOf((*I)(nil)).Elem() }

// interfaces are the exported interfaces of database/sql/driver, of every
// release from Go 1.21 on.
var interfaces = map[string]kept{
	"Driver":             {theDriver, of[driver.Driver]()},
	"DriverContext":      {theDriver, of[driver.DriverContext]()},
	"Connector":          {theConnector, of[driver.Connector]()},
	"Conn":               {theConn, of[driver.Conn]()},
	"ConnBeginTx":        {theConn, of[driver.ConnBeginTx]()},
	"ConnPrepareContext": {theConn, of[driver.ConnPrepareContext]()},
	"Execer":             {theConn, of[driver.ExecerContext]()}, // package sql prefers that
	"ExecerContext":      {theConn, of[driver.ExecerContext]()},
	"Pinger":             {theConn, of[driver.Pinger]()},
	"Queryer":            {theConn, of[driver.QueryerContext]()}, // package sql prefers that
	"QueryerContext":     {theConn, of[driver.QueryerContext]()},
	"SessionResetter":    {theConn, of[driver.SessionResetter]()},
	"Validator":          {theConn, of[driver.Validator]()},
	"NamedValueChecker":  {theConn, of[driver.NamedValueChecker]()}, // and statements: below
	"Stmt":               {theStmt, of[driver.Stmt]()},
	"StmtExecContext":    {theStmt, of[driver.StmtExecContext]()},
	"StmtQueryContext":   {theStmt, of[driver.StmtQueryContext]()},
	"ColumnConverter":    {theStmt, of[driver.ColumnConverter]()},

	"Result":                         {on: notWrapped},
	"Tx":                             {on: notWrapped},
	"Rows":                           {on: notWrapped},
	"RowsColumnScanner":              {on: notWrapped}, // since Go 1.27
	"RowsColumnTypeDatabaseTypeName": {on: notWrapped},
	"RowsColumnTypeLength":           {on: notWrapped},
	"RowsColumnTypeNullable":         {on: notWrapped},
	"RowsColumnTypePrecisionScale":   {on: notWrapped},
	"RowsColumnTypeScanType":         {on: notWrapped},
	"RowsNextResultSet":              {on: notWrapped},

	"ValueConverter": {on: notDriver},
	"Valuer":         {on: notDriver},
}

// TestInterfacesAreKnown fails on the release of Go that adds an interface, so
// that somebody decides what becomes of it.
func TestInterfacesAreKnown(t *testing.T) {
	pkg, err := build.Import("database/sql/driver", "", 0)
	require.NoError(t, err)
	var found int
	for _, name := range pkg.GoFiles {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(pkg.Dir, name), nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if _, ok := spec.Type.(*ast.InterfaceType); ok && spec.Name.IsExported() {
				found++
				require.Contains(t, interfaces, spec.Name.Name,
					"database/sql/driver has an interface that package glssql does not know: see to it that it is kept, and add it here")
			}
			return true
		})
	}
	require.GreaterOrEqual(t, found, len(interfaces)-1, "all but RowsColumnScanner exist since Go 1.21")
}

// returned notes the values that a driver returned, to compare them with what
// comes out of the wrapper.
type returned struct {
	driver.ExecerContext
	driver.QueryerContext
	driver.ConnBeginTx
	driver.Conn
	result driver.Result
	rows   driver.Rows
	tx     driver.Tx
}

func (r *returned) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return r.result, nil
}

func (r *returned) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return r.rows, nil
}

func (r *returned) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) { return r.tx, nil }

func TestInterfacesAreKept(t *testing.T) {
	ctx := context.Background()
	r := &recorder{newConn: connShapes["all"], newStmt: stmtShapes["all"]}
	d := glssql.WrapDriver(contextDriver{r})
	connector, err := d.(driver.DriverContext).OpenConnector("")
	require.NoError(t, err)
	conn, err := connector.Connect(ctx)
	require.NoError(t, err)
	stmt, err := conn.Prepare("ok")
	require.NoError(t, err)
	on := map[string]any{theDriver: d, theConnector: connector, theConn: conn, theStmt: stmt}

	for name, k := range interfaces {
		if k.with != nil {
			require.True(t, reflect.TypeOf(on[k.on]).Implements(k.with), "%s on %s", name, k.on)
		}
	}
	require.Implements(t, (*driver.NamedValueChecker)(nil), stmt)
	require.Implements(t, (*io.Closer)(nil), connector)

	// Whatever else rows, results and transactions can do: they are the driver's.
	own := &returned{result: driver.RowsAffected(3), rows: &fakeRows{left: 3}, tx: fakeTx{}}
	r.newConn = func(*fullConn) driver.Conn { return own }
	conn, err = connector.Connect(ctx)
	require.NoError(t, err)
	result, err := conn.(driver.ExecerContext).ExecContext(ctx, "ok", nil)
	require.NoError(t, err)
	require.Equal(t, own.result, result)
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, "ok", nil)
	require.NoError(t, err)
	require.Same(t, own.rows, rows)
	tx, err := conn.(driver.ConnBeginTx).BeginTx(ctx, driver.TxOptions{})
	require.NoError(t, err)
	require.Equal(t, own.tx, tx)
}

// TestInterfacesAreNotClaimed covers the interfaces for which database/sql
// would behave differently.
func TestInterfacesAreNotClaimed(t *testing.T) {
	for name, newConn := range connShapes {
		r := &recorder{newConn: newConn, newStmt: stmtShapes["none"]}
		raw := newConn(&fullConn{recorder: r})
		wrapped, err := glssql.Wrap(r).Connect(context.Background())
		require.NoError(t, err)
		has := func(x any, types ...reflect.Type) (ok bool) {
			for _, typ := range types {
				ok = ok || reflect.TypeOf(x).Implements(typ)
			}
			return ok
		}
		for _, types := range [][]reflect.Type{
			{of[driver.ExecerContext](), of[driver.Execer]()},
			{of[driver.QueryerContext](), of[driver.Queryer]()},
			{of[driver.SessionResetter]()},
			{of[driver.Validator]()},
		} {
			require.Equal(t, has(raw, types...), has(wrapped, types...), "%s: %v", name, types)
		}
		stmt, err := wrapped.Prepare("ok")
		require.NoError(t, err)
		require.False(t, has(stmt, of[driver.ColumnConverter]()))
	}
}
