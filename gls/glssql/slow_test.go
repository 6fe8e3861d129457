package glssql_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glslog"
	"github.com/seed18162548/contextvars/gls/glssql"
)

// logged returns the records that f makes db log, without time and duration,
// which is checked.
func logged(t *testing.T, buf *bytes.Buffer, f func()) (records []map[string]any) {
	buf.Reset()
	f()
	for _, line := range bytes.Split(bytes.TrimSpace(buf.Bytes()), []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		m := make(map[string]any)
		require.NoError(t, json.Unmarshal(line, &m), "%s", line)
		require.GreaterOrEqual(t, m["duration"], 0.0)
		require.Equal(t, "WARN", m["level"])
		require.Equal(t, "slow statement", m["msg"])
		for _, key := range []string{"time", "duration", "level", "msg"} {
			delete(m, key)
		}
		records = append(records, m)
	}
	return records
}

func TestSlow(t *testing.T) {
	defer tenant.Set("acme").Reset()
	var buf bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&buf, nil))
	vars := glslog.Attr(tenant)

	record := func(query string, more ...any) map[string]any {
		m := map[string]any{"query": query, "tenant": "acme"}
		for i := 0; i < len(more); i += 2 {
			m[more[i].(string)] = more[i+1]
		}
		return m
	}
	for _, test := range []struct {
		name  string
		opts  []glssql.Option
		query string
		want  []map[string]any
	}{
		{"slow enough", []glssql.Option{glssql.Slow(0, logger, vars)}, "secret ?", []map[string]any{record("secret ?")}},
		{"faster", []glssql.Option{glssql.Slow(time.Hour, logger, vars)}, "secret ?", nil},
		{"no comment in it", []glssql.Option{glssql.Slow(0, logger, vars), glssql.Comment(tenant)}, "secret ?",
			[]map[string]any{record("secret ?")}},
		{"failed", []glssql.Option{glssql.Slow(0, logger, vars)}, "fail ?", []map[string]any{record("fail ?", "failed", true)}},
		{"arguments", []glssql.Option{glssql.SlowArgs(), glssql.Slow(0, logger, vars)}, "secret ?",
			[]map[string]any{record("secret ?", "args", map[string]any{"1": "password", "n": 2.0})}},
		{"arguments and error", []glssql.Option{glssql.SlowArgs(), glssql.Slow(0, logger, vars)}, "fail ?",
			[]map[string]any{record("fail ?", "args", map[string]any{"1": "password", "n": 2.0}, "failed", true, "error", errFail.Error())}},
		{"skipped, then prepared", []glssql.Option{glssql.Slow(0, logger, vars)}, "skip any", []map[string]any{record("skip any")}},
		{"only arguments asked for", []glssql.Option{glssql.SlowArgs()}, "secret ?", nil},
		{"other group", []glssql.Option{glssql.Slow(0, logger, vars, glslog.Group("bound"))}, "secret ?",
			[]map[string]any{{"query": "secret ?", "bound": map[string]any{"tenant": "acme"}}}},
	} {
		r := newRecorder("all")
		db := sql.OpenDB(glssql.Wrap(r, test.opts...))
		args := []any{"password", sql.Named("n", 2)}
		require.Equal(t, test.want, logged(t, &buf, func() { _, _ = db.Exec(test.query, args...) }), "exec: %s", test.name)
		require.Equal(t, test.want, logged(t, &buf, func() { read(db.Query(test.query, args...)) }), "query: %s", test.name)
	}

	db := sql.OpenDB(glssql.Wrap(newRecorder("all"), glssql.Slow(0, logger, vars)))
	stmt, err := db.Prepare("prepared ?")
	require.NoError(t, err)
	want := []map[string]any{record("prepared ?")}
	require.Equal(t, want, logged(t, &buf, func() { _, _ = stmt.Exec(1) }))
	require.Equal(t, want, logged(t, &buf, func() { read(stmt.Query(1)) }))
	require.Empty(t, logged(t, &buf, func() { require.NoError(t, db.Ping()) }), "not a statement")
}

func TestSlowWithTheDefaultLogger(t *testing.T) {
	defer tenant.Set("acme").Reset()
	defer slog.SetDefault(slog.Default())
	db := sql.OpenDB(glssql.Wrap(newRecorder("all"), glssql.Slow(0, nil, glslog.Attr(tenant))))
	var buf bytes.Buffer
	slog.SetDefault(slog.New(slog.NewJSONHandler(&buf, nil))) // later than Slow
	require.Equal(t, []map[string]any{{"query": "ok", "tenant": "acme"}},
		logged(t, &buf, func() { _, _ = db.Exec("ok") }))
}
