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
	field    glsadapter.Field[string] // its key is encoded
}

// A pair is what a comment says of one variable that is bound.
type pair struct {
	tag   int    // index of the tag
	value string // not encoded
}

// maxComment is the length that a comment may have: enough for traces and
// routes, little enough for logs of slow queries and packet limits. Pairs that
// would make it longer are left out whole.
const maxComment = 2048

// Comment adds v, under its own name, to the comment that every statement gets
// while v is bound; its default does not count. The comment is that of
// sqlcommenter,
//
//	SELECT … /*route='%2Forders%2F%7Bid%7D',tenant='acme'*/
//
// keys ascending, before a semicolon at the end. All of keys and values except
// letters, digits and -_.~ is percent-encoded, quotes and asterisks as well, so
// no value can end the comment or hold a placeholder.
//
// A statement is left as it is if it has a comment already, which is assumed
// where "/*" or "--" occurs, even in a string literal; if it is one word, which
// some drivers take for a stored procedure; and if the program prepares it, see
// [CommentPrepared]. What database/sql prepares itself, to execute it once, has
// its comment: drivers make it do so that cannot execute statements directly,
// or not those with arguments, as go-sql-driver/mysql without
// interpolateParams.
//
// SQLite names a result column that has no AS after its text, which then, at
// the very end of a statement, includes the comment: SELECT count(*) AS n.
//
// # Many values
//
// A driver that caches statements by their text, as pgx does, takes each new
// value for a new statement: with a request ID, it prepares every statement
// anew and its cache is of no use. Comment with variables that have few values,
// such as routes and tenants. Where the driver is known to cache, variables
// that turn out to have many are left out of comments after a while, those with
// the most values first; [OnOmit] tells. With default_query_exec_mode=exec in
// its connection string pgx caches nothing, to the cost of all statements, and
// nothing is left out. See [StatementCache] for other drivers.
//
// The server may cache too: SQL Server and Oracle plan each text anew. MySQL's
// performance schema and PostgreSQL's pg_stat_statements ignore comments when
// they tell statements apart. As the text of a statement pg_stat_statements
// shows that of its first execution, with the comment of that one, whoever ran
// it later: there, a comment says nothing about the other executions.
// pg_stat_activity and the server's log show the comment of each.
func Comment[T any](v *gls.Var[T]) Option {
	return CommentFunc(v.Name(), v, glsadapter.TextOf[T])
}

// CommentFunc is like [Comment] but has another key, and the value that text
// returns. text is called on the goroutine that runs the statement, while the
// connection is locked: it must not use the database. Of several comments with
// one key the last counts. An empty key panics, and a nil text with
// [gls.ErrNilFunc].
func CommentFunc[T any](key string, v *gls.Var[T], text func(T) string) Option {
	if key == "" {
		panic(errors.New("glssql: a comment needs a key: " + v.String()))
	}
	t := tag{v, glsadapter.NewField("glssql.CommentFunc", escaped(key), v, text)}
	return func(c *config) { c.insert(t) }
}

// CommentPrepared comments the statements that the program prepares too, with
// values that may be another request's when the statement is used: they are
// those of the goroutine that prepares. Package database/sql prepares again, on
// whatever goroutine uses the statement next, for every connection that has not
// seen it yet. Use it for values that are the same for all.
func CommentPrepared() Option {
	return func(c *config) { c.prepared = true }
}

// StatementCache says whether the driver caches statements by their text.
// Without it, pgx is taken to cache in the modes that do, and no other driver;
// what wraps pgx hides it.
func StatementCache(on bool) Option {
	return func(c *config) { c.cache = &on }
}

// OnOmit sets a function that is called when a variable is left out of comments
// because it has too many values for the driver's cache, once for each variable
// and database. f is called on the goroutine that runs the statement, while the
// connection is locked: it must not use the database. A nil f panics with
// [gls.ErrNilFunc].
func OnOmit(f func(gls.AnyVar)) Option {
	glsadapter.MustFunc("glssql.OnOmit", f == nil)
	return func(c *config) { c.omit = f }
}

// insert puts t into its place among the tags.
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

// commented returns query with its comment. The variety is nil if the driver
// does not cache statements.
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

// pairs appends those of the bound variables to pairs, in the order of the
// tags.
func (c *config) pairs(pairs []pair) []pair {
	for i, t := range c.tags {
		if x, ok := t.field.Find(); ok {
			pairs = append(pairs, pair{i, x})
		}
	}
	return pairs
}

// format returns the text of a comment with pairs, as far as there is room.
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

// escaped percent-encodes s as RFC 3986 does, with nothing but its unreserved
// characters left. net/url leaves more, or makes spaces "+", which the parsers
// of these comments do not undo.
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
