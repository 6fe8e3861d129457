package glssql

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/inner"
)

// A tag is a variable that goes into comments.
type tag struct {
	key  string // encoded
	find func() (x string, ok bool)
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
// some drivers take for a stored procedure; and if it is prepared, see
// [CommentPrepared]. A driver without ExecerContext or QueryerContext prepares
// everything.
//
// SQLite names a result column that has no AS after its text, which then, at the
// very end of a statement, includes the comment: SELECT count(*) AS n.
//
// Databases and drivers that cache statements by their text see every new value
// as a new statement: comment with routes and tenants, not with request IDs.
func Comment[T any](v *gls.Var[T]) Option {
	return CommentFunc(v.Name(), v, textOf[T])
}

// CommentFunc is [Comment] with another key, and with the value that text
// returns. text is called on the goroutine that runs the statement, while the
// connection is locked: it must not use the database. Of several comments with
// one key the last counts. An empty key panics, and a nil text with
// [gls.ErrNilFunc].
func CommentFunc[T any](key string, v *gls.Var[T], text func(T) string) Option {
	if key == "" {
		panic(errors.New("glssql: a comment needs a key: " + v.String()))
	}
	if text == nil {
		panic(inner.NilFunc("glssql.CommentFunc"))
	}
	t := tag{escaped(key), func() (string, bool) {
		x, ok := v.Lookup()
		if !ok {
			return "", false
		}
		return text(x), true
	}}
	return func(c *config) { c.insert(t) }
}

// CommentPrepared comments prepared statements too. The comment is that of the
// goroutine that prepares, which database/sql does again, on whatever goroutine
// uses the statement next, for every connection that has not seen it yet.
func CommentPrepared() Option {
	return func(c *config) { c.prepared = true }
}

// insert puts t into its place among the tags.
func (c *config) insert(t tag) {
	i := sort.Search(len(c.tags), func(i int) bool { return c.tags[i].key >= t.key })
	if i < len(c.tags) && c.tags[i].key == t.key {
		c.tags[i] = t
		return
	}
	c.tags = append(c.tags, tag{})
	copy(c.tags[i+1:], c.tags[i:])
	c.tags[i] = t
}

// tagged returns query with its comment.
func (c *config) tagged(query string) string {
	comment := c.comment()
	if comment == "" || strings.Contains(query, "/*") || strings.Contains(query, "--") {
		return query
	}
	body := strings.TrimRight(query, "; \t\r\n")
	if !strings.ContainsAny(strings.TrimLeft(body, " \t\r\n"), " \t\r\n") {
		return query
	}
	return body + " /*" + comment + "*/" + query[len(body):]
}

// comment returns the pairs of the bound variables.
func (c *config) comment() string {
	var b strings.Builder
	for _, t := range c.tags {
		x, ok := t.find()
		if !ok || b.Len()+len(t.key)+len(x)+len(",=''") > maxComment {
			continue // escaping can only make it longer
		}
		pair := t.key + "='" + escaped(x) + "'"
		if b.Len()+len(pair)+len(",") > maxComment {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(pair)
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

// textOf returns x as text.
func textOf[T any](x T) string {
	if s, ok := any(&x).(*string); ok {
		return *s
	}
	return fmt.Sprint(x)
}
