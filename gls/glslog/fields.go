package glslog

import (
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"unicode/utf8"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// Limits of what [Set] adds to a line. Longer keys and values are cut off and
// end in "…".
const (
	MaxFields    = 32   // fields in a Context
	MaxKeySize   = 128  // bytes of a key
	MaxValueSize = 1024 // bytes of the text of a value
)

// droppedKey is the key of the number of calls of Set for which there was no
// room.
const droppedKey = "!DROPPED"

// A bag is an immutable set of fields.
type bag struct {
	fields  []slog.Attr // the fields, and another one with droppedKey if dropped > 0
	n       int         // number of fields without that one
	dropped int
}

// set is bound to the fields of the current Context.
var set = gls.New[*bag]("glslog.fields")

// Set adds a field to all log lines that follow in the current Context, and in
// goroutines that package spawn starts from it, until the token is reset:
//
//	defer glslog.Set("order_id", id).Reset()
//
// All adapters for loggers show these fields, without an option. Setting a key
// again replaces its value. Set is like bind_contextvars of Python's structlog
// and like the MDC of Java's loggers.
//
// Set keeps no reference to value. It copies strings, numbers, times and the
// like, resolves a [slog.LogValuer], and renders everything else at once: an
// error, an [encoding.TextMarshaler] or a [fmt.Stringer] as its text, other
// values as JSON. A method that panics gives a text that says so.
//
// Keys and values may come from strangers: a Context has at most [MaxFields]
// fields, and keys and values are cut at [MaxKeySize] and [MaxValueSize] bytes.
// If there is no room for another key, lines have a field !DROPPED with the
// number of such calls.
func Set(key string, value any) Token {
	key = cut(key, MaxKeySize)
	before := set.Get()
	after, old := before.with(key, fieldValue(value))
	return Token{set: set.Set(after), key: key, old: old, after: after}
}

// A Token undoes a call of [Set]. Resetting the zero Token panics with
// [gls.ErrTokenZero].
type Token struct {
	set   gls.Token[*bag]
	key   string
	old   *slog.Attr // the field that was replaced, or nil
	after *bag
}

// Reset restores the value that the key had before the call of [Set], or
// removes the key if it had none. Fields that were set since remain. Tokens may
// be reset in any order, each once, in the Context of the call of Set.
// Otherwise Reset panics and changes nothing, as [gls.Token.Reset] does.
func (t Token) Reset() {
	if err := t.TryReset(); err != nil {
		panic(err)
	}
}

// TryReset is like [Token.Reset] but returns the error instead of panicking.
func (t Token) TryReset() error {
	now := set.Get()
	if err := set.TryReset(t.set); err != nil {
		return err
	}
	if now == t.after {
		return nil // nothing else was set since
	}
	if now = now.without(t); now != nil {
		set.Set(now)
	} else {
		set.Unset()
	}
	return nil
}

// Fields returns the fields that [Set] has added in the current Context, in the
// order in which their keys were first set. It is for adapters. Callers must
// not modify the slice. The values are nil, strings, numbers, times and the
// like, or of a type that encodes itself as JSON and prints that JSON. Fields
// allocates nothing.
func Fields() []slog.Attr {
	b := set.Get()
	if b == nil {
		return nil
	}
	return b.fields
}

// with returns b, which may be nil, with another field, and the field that this
// one replaced.
func (b *bag) with(key string, x slog.Value) (after *bag, old *slog.Attr) {
	if b == nil {
		b = new(bag)
	}
	field := slog.Attr{Key: key, Value: x}
	if i := b.index(key); i >= 0 {
		old := b.fields[i]
		fields := append([]slog.Attr(nil), b.fields...)
		fields[i] = field
		return &bag{fields, b.n, b.dropped}, &old
	}
	if b.n == MaxFields {
		return newBag(b.fields[:b.n], b.dropped+1), nil
	}
	return newBag(append(b.fields[:b.n:b.n], field), b.dropped), nil
}

// without returns b after undoing the Set of t, or nil if no field is left.
func (b *bag) without(t Token) *bag {
	if b == nil {
		b = new(bag)
	}
	i := b.index(t.key)
	switch {
	case t.refused() && b.dropped > 0:
		return newBag(b.fields[:b.n], b.dropped-1).orNil()
	case t.old != nil && i < 0:
		after, _ := b.with(t.old.Key, t.old.Value)
		return after
	case i < 0:
		return b.orNil()
	}
	fields := append([]slog.Attr(nil), b.fields[:b.n]...)
	if t.old != nil {
		fields[i] = *t.old
	} else {
		fields = append(fields[:i], fields[i+1:]...)
	}
	return newBag(fields, b.dropped).orNil()
}

// orNil returns b, or nil if b is empty.
func (b *bag) orNil() *bag {
	if len(b.fields) == 0 {
		return nil
	}
	return b
}

// refused reports whether the call of Set found no room.
func (t Token) refused() bool { return t.after.index(t.key) < 0 }

// newBag returns a bag with these fields. It does not modify the slice.
func newBag(fields []slog.Attr, dropped int) *bag {
	n := len(fields)
	if dropped > 0 {
		fields = append(fields[:n:n], slog.Int(droppedKey, dropped))
	}
	return &bag{fields, n, dropped}
}

// index returns the place of the field with that key, or -1.
func (b *bag) index(key string) int {
	for i := range b.fields[:b.n] {
		if b.fields[i].Key == key {
			return i
		}
	}
	return -1
}

// A jsonText is a value rendered as JSON. It prints as that text.
type jsonText string

// MarshalJSON returns the JSON.
func (t jsonText) MarshalJSON() ([]byte, error) { return []byte(t), nil }

// fieldValue returns x in the form in which it is stored.
func fieldValue(x any) slog.Value {
	v := slog.AnyValue(x).Resolve()
	switch v.Kind() {
	case slog.KindString:
		return slog.StringValue(cut(strings.Clone(v.String()), MaxValueSize))
	case slog.KindGroup:
		return slog.StringValue(cut(v.String(), MaxValueSize))
	case slog.KindAny:
		return renderedField(v.Any())
	default:
		return v
	}
}

// renderedField is fieldValue for values that have to be rendered.
func renderedField(x any) slog.Value {
	switch x := x.(type) {
	case nil:
		return slog.AnyValue(nil)
	case []byte:
		return slog.StringValue(cut(string(x), MaxValueSize))
	case error, encoding.TextMarshaler, fmt.Stringer:
		return slog.StringValue(cut(textOf(x), MaxValueSize))
	}
	data, err := json.Marshal(glsadapter.Guarded{Value: x})
	if err != nil || len(data) > MaxValueSize {
		return slog.StringValue(cut(fmt.Sprintf("%+v", x), MaxValueSize))
	}
	return slog.AnyValue(jsonText(data))
}

// textOf returns the text of x, which must have a method for it. Package fmt
// recovers panics of String and Error.
func textOf(x any) (text string) {
	m, ok := x.(encoding.TextMarshaler)
	if _, failed := x.(error); failed || !ok {
		return fmt.Sprint(x)
	}
	defer func() {
		if r := recover(); r != nil {
			text = fmt.Sprintf("!PANIC: %v", r)
		}
	}()
	data, err := m.MarshalText()
	if err != nil {
		return "!ERROR:" + err.Error()
	}
	return string(data)
}

// cut returns s, or as much of it as fits into size bytes with "…" at the end.
func cut(s string, size int) string {
	const mark = "…"
	if len(s) <= size {
		return s
	}
	end := size - len(mark)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + mark
}
