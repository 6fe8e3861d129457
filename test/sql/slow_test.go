package sql_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glslog"
	"github.com/seed18162548/contextvars/gls/glssql"
)

func TestSlowStatement(t *testing.T) {
	const threshold = 20 * time.Millisecond
	var buf bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&buf, nil))
	db := open(t, glssql.Slow(threshold, logger, glslog.Attr(tenant)), glssql.Comment(tenant))
	defer tenant.Set("acme").Reset()
	require.NoError(t, db.Ping())
	buf.Reset() // connecting may have been slow

	const count = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < ?) SELECT count(*) FROM n`
	var n int
	for size := 100_000; buf.Len() == 0; size *= 2 {
		require.NoError(t, db.QueryRow(count, size).Scan(&n))
		require.Equal(t, size, n)
	}
	var record map[string]any
	require.NoError(t, json.Unmarshal(buf.Bytes(), &record))
	require.GreaterOrEqual(t, record["duration"], float64(threshold))
	delete(record, "duration")
	delete(record, "time")
	require.Equal(t, map[string]any{"level": "WARN", "msg": "slow statement", "query": count, "tenant": "acme"}, record)
}
