package glssql

import (
	"errors"
	"sort"
	"strings"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// A tag is a variable that goes into comments.
type tag struct {
	variable gls.AnyVar
	field    glsadapter.Field[string] // its key is percent-encoded
}

// A pair is the part of a comment that is about one bound variable.
type pair struct {
	tag   int    // index of the tag
	value string // not encoded
}

// maxComment is the maximum length of a comment: long enough for traces and
// routes, short enough for logs of slow queries and packet limits. Pairs that
// would exceed it are left out as a whole.
const maxComment = 2048

// Comment adds v under its own name to the comment of every statement that is
// run while v is bound; its default does not count. The comment has the format
// of sqlcommenter,
//
//	SELECT … /*route='%2Forders%2F%7Bid%7D',tenant='acme'*/
//
// with sorted keys, and stands before a semicolon at the end. Keys and values
// are percent-encoded except for letters, digits and -_.~, so no value can end
// the comment or contain a placeholder.
//
// A statement gets no comment if it contains "/*" or "--", even in a string
// literal, because it may have a comment already; if it is a single word, which
// some drivers take for a stored procedure; or if the program prepares it (see
// [CommentPrepared]). Statements that database/sql itself prepares in order to
// execute them once do get a comment. It does so for drivers that cannot
// execute statements directly, or only those without arguments, such as
// go-sql-driver/mysql without interpolateParams.
//
// SQLite names a result column without AS after its text, which includes the
// comment if the column is at the very end of the statement. Give it a name:
// SELECT count(*) AS n.
//
// # Many values
//
// A driver that caches statements by their text, as pgx does, takes each new
// value for a new statement: with a request ID in the comment, it prepares
// every statement anew and its cache is useless. Use variables that have few
// values, such as routes and tenants. If the driver is known to cache,
// variables that turn out to have many values are left out of comments after a
// while, those with the most values first; see [OnOmit]. With
// default_query_exec_mode=exec in its connection string pgx caches nothing,
// which makes all statements slower, and no variable is left out. See
// [StatementCache] for other drivers.
//
// The server may also cache by text: SQL Server and Oracle plan each text anew.
// MySQL's performance schema and PostgreSQL's pg_stat_statements ignore
// comments when they group statements. pg_stat_statements shows the text of the
// first execution, including its comment, which says nothing about later
// executions. pg_stat_activity and the server's log show the comment of each
// execution.
func Comment[T any](v *gls.Var[T]) Option {
	return CommentFunc(v.Name(), v, glsadapter.TextOf[T])
}

// errNoKey reports a comment without a key.
var errNoKey = errors.New("glssql: key is empty")

// CommentFunc is like [Comment] but uses the given key and the value that text
// returns. text is called on the goroutine that runs the statement, while the
// connection is locked: it must not use the database. The last of several
// comments with the same key wins. CommentFunc panics if key is empty, and with
// [gls.ErrNilFunc] if text is nil.
func CommentFunc[T any](key string, v *gls.Var[T], text func(T) string) Option {
	if key == "" {
		panic(glsadapter.Misuse(errNoKey, "glssql.CommentFunc of "+v.String()))
	}
	t := tag{v, glsadapter.NewField("glssql.CommentFunc", escaped(key), v, text)}
	return func(c *config) { c.insert(t) }
}

// CommentPrepared also adds comments to statements that the program prepares.
// Their values are those of the goroutine that prepares, which may belong to
// another request than the one that uses the statement: package database/sql
// prepares a statement again for every connection that has not seen it, on the
// goroutine that happens to use it next. Use CommentPrepared for values that
// are the same for all requests.
func CommentPrepared() Option {
	return func(c *config) { c.prepared = true }
}

// StatementCache sets whether the driver is assumed to cache statements by
// their text. By default only pgx is, in the modes in which it does, unless
// something wraps it.
func StatementCache(on bool) Option {
	return func(c *config) { c.cache = &on }
}

// OnOmit sets a function that is called when a variable is left out of comments
// because it has too many values for the driver's cache, once for each variable
// and database. f is called on the goroutine that runs the statement, while the
// connection is locked: it must not use the database. OnOmit panics with
// [gls.ErrNilFunc] if f is nil.
func OnOmit(f func(gls.AnyVar)) Option {
	glsadapter.MustFunc("glssql.OnOmit", f == nil)
	return func(c *config) { c.omit = f }
}

// insert adds t to the tags, in order.
func (c *config) insert(t tag) {
	i := sort.Search(len(c.tags), func(i int) bool { return c.tags[i].field.Key >= t.field.Key })
	if i < len(c.tags) && c.tags[i].field.Key == t.field.Key {
		c.tags[i] = t
		return
	}
	c.tags = append(c.tags, tag{})
	copy(c.tags[i+1:], c.tags[i:])
	c.tags[i] = t
}

// commented returns query with its comment. v is nil if the driver does not
// cache statements.
func (c *config) commented(query string, v *variety) string {
	var few [8]pair
	pairs := c.pairs(few[:0])
	if len(pairs) == 0 || strings.Contains(query, "/*") || strings.Contains(query, "--") {
		return query
	}
	body := strings.TrimRight(query, "; \t\r\n")
	if !strings.ContainsAny(strings.TrimLeft(body, " \t\r\n"), " \t\r\n") {
		return query
	}
	if v != nil {
		pairs = v.keeps(c.tags, query, pairs)
	}
	comment := c.format(pairs)
	if comment == "" {
		return query
	}
	return body + " /*" + comment + "*/" + query[len(body):]
}

// pairs appends the pairs of the bound variables to pairs, in the order of the
// tags.
func (c *config) pairs(pairs []pair) []pair {
	for i, t := range c.tags {
		if x, ok := t.field.Find(); ok {
			pairs = append(pairs, pair{i, x})
		}
	}
	return pairs
}

// format returns the text of a comment with those of pairs that fit.
func (c *config) format(pairs []pair) string {
	var b strings.Builder
	for _, p := range pairs {
		key := c.tags[p.tag].field.Key
		if b.Len()+len(key)+len(p.value)+len(",=''") > maxComment {
			continue // escaping can only make it longer
		}
		word := key + "='" + escaped(p.value) + "'"
		if b.Len()+len(word)+len(",") > maxComment {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(word)
	}
	return b.String()
}

// escaped percent-encodes all characters of s except those that RFC 3986 calls
// unreserved. net/url leaves more characters alone, or encodes spaces as "+",
// which parsers of these comments do not decode.
func escaped(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch x := s[i]; {
		case 'a' <= x && x <= 'z', 'A' <= x && x <= 'Z', '0' <= x && x <= '9',
			x == '-', x == '_', x == '.', x == '~':
			b.WriteByte(x)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[x>>4])
			b.WriteByte(hex[x&15])
		}
	}
	return b.String()
}
