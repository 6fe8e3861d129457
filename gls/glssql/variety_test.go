package glssql_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glssql"
)

var request = gls.New[string]("request")

// executed runs the statements of program over a driver that caches, and
// returns the texts that reached it, and what was left out.
func executed(t *testing.T, program func(exec func(query string)), opts ...glssql.Option) (texts []string, omitted []gls.AnyVar) {
	t.Helper()
	r := newRecorder("all")
	opts = append(opts, glssql.OnOmit(func(v gls.AnyVar) { omitted = append(omitted, v) }),
		glssql.Comment(tenant), glssql.Comment(route), glssql.Comment(request))
	db := sql.OpenDB(glssql.Wrap(r, opts...))
	defer db.Close()
	program(func(query string) {
		_, err := db.Exec(query)
		require.NoError(t, err)
	})
	for _, call := range r.take() {
		if _, rest, ok := cutExec(call); ok {
			texts = append(texts, rest)
		}
	}
	return texts, omitted
}

// distinct counts what differs in list.
func distinct(list []string) int {
	seen := make(map[string]bool)
	for _, s := range list {
		seen[s] = true
	}
	return len(seen)
}

// TestManyValuesAreLeftOut where the driver caches statements: a request ID
// makes of each statement a new one, tenants and routes do not.
func TestManyValuesAreLeftOut(t *testing.T) {
	const n = 2000
	program := func(exec func(string)) {
		for i := 0; i < n; i++ {
			gls.With(func() { exec(fmt.Sprintf("UPDATE t%d SET x = 1", i%7)) },
				tenant.Bind(fmt.Sprint("t", i%2)), route.Bind(fmt.Sprint("r", i%5)), request.Bind(fmt.Sprint("id-", i)))
		}
	}
	texts, omitted := executed(t, program, glssql.StatementCache(true))
	require.Equal(t, []gls.AnyVar{request}, omitted)
	require.Less(t, distinct(texts), 512/2, "they fit the cache of pgx")
	last := texts[n/2:]
	require.Equal(t, 7*2*5, distinct(last))
	for _, text := range last {
		require.NotContains(t, text, "request=")
		require.Contains(t, text, "tenant=")
		require.Contains(t, text, "route=")
	}

	for _, opts := range [][]glssql.Option{nil, {glssql.StatementCache(false)}} {
		texts, omitted = executed(t, program, opts...)
		require.Empty(t, omitted)
		require.Equal(t, n, distinct(texts), "without a cache, all have all")
	}
}

// TestFewValuesAreKept checks that nothing is left out because of many
// statements.
func TestFewValuesAreKept(t *testing.T) {
	for name, program := range map[string]func(int) (statement, who, where string){
		"many statements":            func(i int) (string, string, string) { return fmt.Sprint(i), "t", "r" },
		"a route for each statement": func(i int) (string, string, string) { return fmt.Sprint(i % 1000), "t", fmt.Sprint("r", i%1000) },
		"few of all": func(i int) (string, string, string) {
			return fmt.Sprint(i % 10), fmt.Sprint("t", i%3), fmt.Sprint("r", i%4)
		},
	} {
		t.Run(name, func(t *testing.T) {
			texts, omitted := executed(t, func(exec func(string)) {
				for i := 0; i < 2000; i++ {
					statement, who, where := program(i)
					gls.With(func() { exec("SELECT " + statement) }, tenant.Bind(who), route.Bind(where))
				}
			}, glssql.StatementCache(true))
			require.Empty(t, omitted)
			for _, text := range texts {
				require.Equal(t, 2, strings.Count(text, "='"))
			}
		})
	}
}

// TestOneAfterTheOtherIsLeftOut checks that variables are left out one by one,
// those with the most values first, until there are few comments.
func TestOneAfterTheOtherIsLeftOut(t *testing.T) {
	texts, omitted := executed(t, func(exec func(string)) {
		for i := 0; i < 2000; i++ {
			gls.With(func() { exec("SELECT 1 FROM t") },
				tenant.Bind(fmt.Sprint("t", i/3)), route.Bind("r"), request.Bind(fmt.Sprint("id-", i)))
		}
	}, glssql.StatementCache(true))
	require.Equal(t, []gls.AnyVar{request, tenant}, omitted)
	require.Contains(t, texts[len(texts)-1], `SELECT 1 FROM t /*route='r'*/`)
}

func TestNilOptions(t *testing.T) {
	defer tenant.Set("acme").Reset()
	require.Equal(t, "SELECT 1 /*tenant='acme'*/", sent(t, "SELECT 1", nil, glssql.Comment(tenant), nil))
	defer func() { require.ErrorIs(t, recover().(error), gls.ErrNilFunc) }()
	glssql.OnOmit(nil)
}
