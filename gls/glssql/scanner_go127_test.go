//go:build go1.27

package glssql_test

import (
	"database/sql"
	"database/sql/driver"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glssql"
)

// A scanner is rows that scan by themselves, which Go 1.27 made possible.
type scanner struct {
	fakeRows
	read bool
}

func (s *scanner) Next([]driver.Value) error { panic("package sql calls NextRow instead") }

func (s *scanner) NextRow() error {
	if s.read {
		return io.EOF
	}
	s.read = true
	return nil
}

func (s *scanner) ScanColumn(ctx driver.ScanContext, _ int, dest any) error {
	s.c.note("ScanColumn")
	return sql.ConvertAssign(ctx, dest, int64(127))
}

func TestRowsColumnScanner(t *testing.T) {
	r := newRecorder("all")
	r.newConn = func(c *fullConn) driver.Conn {
		return &returned{Conn: c, rows: &scanner{fakeRows: fakeRows{c: c}}}
	}
	db := sql.OpenDB(glssql.Wrap(r))
	var n int
	require.NoError(t, db.QueryRow("SELECT 127").Scan(&n))
	require.Equal(t, 127, n)
	require.Contains(t, r.take(), "1.ScanColumn")
}
