package glssql_test

import (
	"database/sql"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glssql"
)

// cutExec splits the note of an ExecContext after the method.
func cutExec(call string) (conn, rest string, ok bool) {
	return strings.Cut(call, ".ExecContext ")
}

// sent returns the text that reaches the driver when query is executed.
func sent(t require.TestingT, query string, opts ...glssql.Option) (text string) {
	r := newRecorder("all")
	db := sql.OpenDB(glssql.Wrap(r, opts...))
	_, err := db.Exec(query)
	require.NoError(t, err)
	for _, call := range r.take() {
		if _, rest, ok := cutExec(call); ok {
			quoted, err := strconv.QuotedPrefix(strings.TrimPrefix(rest, "ctx(<nil>,<nil>) "))
			require.NoError(t, err)
			text, err = strconv.Unquote(quoted)
			require.NoError(t, err)
			return text
		}
	}
	require.Fail(t, "nothing was executed")
	return ""
}

func TestComment(t *testing.T) {
	number := gls.New[int]("a number")
	defaulted := gls.New("defaulted", gls.Default("x"))
	both := []glssql.Option{glssql.Comment(tenant), glssql.Comment(route), glssql.Comment(defaulted)}
	for _, test := range []struct {
		name, query, want string
		opts              []glssql.Option
	}{
		{"keys ascending", "SELECT 1", "SELECT 1 /*route='%2Forders%2F%7Bid%7D',tenant='acme'*/", both},
		{"semicolon", "SELECT 1 ;\n", "SELECT 1 /*tenant='acme'*/ ;\n", both[:1]},
		{"space at the end", "SELECT 1\t", "SELECT 1 /*tenant='acme'*/\t", both[:1]},
		{"two statements", "SELECT 1; SELECT 2;", "SELECT 1; SELECT 2 /*tenant='acme'*/;", both[:1]},
		{"comment", "SELECT /* there is one */ 1", "SELECT /* there is one */ 1", both},
		{"hint", "/*+ a hint */ SELECT 1", "/*+ a hint */ SELECT 1", both},
		{"comment to the end", "SELECT 1 -- there is one", "SELECT 1 -- there is one", both},
		{"what may be a comment", "SELECT '--'", "SELECT '--'", both},
		{"stored procedure", "sp_who", "sp_who", both},
		{"one word", " ROLLBACK ; ", " ROLLBACK ; ", both},
		{"empty", "", "", both},
		{"only a semicolon", " ; ", " ; ", both},
		{"nothing is bound", "SELECT 1", "SELECT 1", []glssql.Option{glssql.Comment(number)}},
		{"key with a space", "SELECT 1", "SELECT 1 /*a%20key='acme'*/",
			[]glssql.Option{glssql.CommentFunc("a key", tenant, strings.Clone)}},
		{"the last of one key", "SELECT 1", "SELECT 1 /*tenant='ACME'*/",
			[]glssql.Option{both[0], glssql.CommentFunc("tenant", tenant, strings.ToUpper)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			defer tenant.Set("acme").Reset()
			defer route.Set("/orders/{id}").Reset()
			require.Equal(t, test.want, sent(t, test.query, test.opts...))
		})
	}
	number.With(-7, func() {
		require.Equal(t, "SELECT 1 /*a%20number='-7'*/", sent(t, "SELECT 1", glssql.Comment(number)))
	})
}

// TestCommentIsThatOfTheSpecification checks the values that the specification
// of sqlcommenter has as examples. It escapes a quote that URL encoding left
// with a backslash; here none is left, and parsers decode the same.
func TestCommentIsThatOfTheSpecification(t *testing.T) {
	for value, want := range map[string]string{
		"DROP TABLE FOO": "DROP%20TABLE%20FOO",
		"/param first":   "%2Fparam%20first",
		"1234":           "1234",
		"FOO 'BAR":       "FOO%20%27BAR",
		"congo=t61rcWkgMzE,rojo=00f067aa0ba902b7": "congo%3Dt61rcWkgMzE%2Crojo%3D00f067aa0ba902b7",
	} {
		tenant.With(value, func() {
			require.Equal(t, "SELECT 1 /*tenant='"+want+"'*/", sent(t, "SELECT 1", glssql.Comment(tenant)))
		})
	}
}

// harmless is what a comment may consist of: no value can end it, begin
// another, hold a placeholder or a conditional comment of MySQL.
var harmless = regexp.MustCompile(`^/\*([A-Za-z0-9%._~-]+='[A-Za-z0-9%._~-]*',?)+\*/$`)

func TestValuesInjectNothing(t *testing.T) {
	check := func(t require.TestingT, key, value string) {
		defer tenant.Set(value).Reset()
		opt := glssql.CommentFunc(key, tenant, strings.Clone)
		comment := strings.TrimPrefix(sent(t, "SELECT 1", opt), "SELECT 1")
		if comment == "" {
			require.Greater(t, 3*(len(key)+len(value)), 1900, "only what is too long may be missing")
			return
		}
		require.Regexp(t, harmless, comment[1:])
		require.LessOrEqual(t, len(comment), 2048+len(" /**/"))
		k, v, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(comment, " /*"), "'*/"), "='")
		require.True(t, ok)
		k, err := url.PathUnescape(k)
		require.NoError(t, err)
		v, err = url.PathUnescape(v)
		require.NoError(t, err)
		require.Equal(t, []string{key, value}, []string{k, v}, "parsers must get it back")
	}
	for _, value := range []string{
		"", "*/", "*/; DROP TABLE users; --", "/*", "'", `\'`, `\`, `"`, "`", "--", "#", ";", "\n", "\r\n", "\x00", "?", "$1", ":name", "@p1",
		"%27", "%", "+", " ", "!50000 SELECT", "\xff\xfe", "ünï", "\u2028", strings.Repeat("*/", 300), strings.Repeat("x", 1<<20),
	} {
		check(t, "key", value)
		if value != "" {
			check(t, value, "value")
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.StringN(1, -1, 60).Draw(t, "key"), string(rapid.SliceOfN(rapid.Byte(), 0, 400).Draw(t, "value")))
	})
}

func TestCommentIsBounded(t *testing.T) {
	var opts []glssql.Option
	for i := 0; i < 100; i++ {
		opts = append(opts, glssql.CommentFunc(fmt.Sprintf("k%02d", i), tenant, func(s string) string { return s + s }))
	}
	opts = append(opts, glssql.CommentFunc("z", tenant, func(string) string { return "short" }))
	defer tenant.Set(strings.Repeat("é", 20)).Reset()
	text := sent(t, "SELECT 1", opts...)
	require.Less(t, len(text), 2048+20)
	require.Greater(t, len(text), 1700)
	require.Regexp(t, harmless, strings.TrimPrefix(text, "SELECT 1 "), "pairs are whole")
}

func TestPreparedStatements(t *testing.T) {
	defer tenant.Set("acme").Reset()
	const comment = ` /*tenant='acme'*/`
	for _, test := range []struct {
		name, conn     string
		opts           []glssql.Option
		first, written string // what is prepared, and what is executed directly
	}{
		{"not asked", "all", nil, "SELECT 1", "SELECT 2" + comment},
		{"not asked, all are prepared", "none", nil, "SELECT 1", "SELECT 2" + comment},
		{"asked", "all", []glssql.Option{glssql.CommentPrepared()}, "SELECT 1" + comment, "SELECT 2" + comment},
		{"asked, all are prepared", "none", []glssql.Option{glssql.CommentPrepared()}, "SELECT 1" + comment, "SELECT 2" + comment},
	} {
		r := newRecorder(test.conn)
		db := sql.OpenDB(glssql.Wrap(r, append(test.opts, glssql.Comment(tenant))...))
		stmt, err := db.Prepare("SELECT 1")
		require.NoError(t, err)
		require.NoError(t, stmt.Close())
		_, err = db.Exec("SELECT 2")
		require.NoError(t, err)
		calls := strings.Join(r.take(), "\n")
		require.Contains(t, calls, strconv.Quote(test.first), test.name)
		require.Contains(t, calls, strconv.Quote(test.written), test.name)
		require.Equal(t, strings.Count(test.first+test.written, comment), strings.Count(calls, comment), test.name)
	}
}

func TestCommentMisuse(t *testing.T) {
	misuse := func(f func()) (err error) {
		defer func() { err, _ = recover().(error) }()
		f()
		return nil
	}
	require.Regexp(t, `^glssql: key is empty: glssql\.CommentFunc of gls\.Var\(""\) called by goroutine \d+$`,
		misuse(func() { glssql.Comment(gls.New[int]("")) }).Error())
	require.ErrorIs(t, misuse(func() { glssql.CommentFunc("key", tenant, nil) }), gls.ErrNilFunc)
}
