package glslog

import (
	"bytes"
	"context"
	"encoding"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// A format is the way in which a handler renders values that may have methods.
type format int

const (
	unknownFormat format = iota
	jsonFormat
	textFormat
)

// formatOf returns the format of h.
func formatOf(h slog.Handler) format {
	switch h := h.(type) {
	case *slog.JSONHandler:
		return jsonFormat
	case *slog.TextHandler:
		return textFormat
	case *Handler:
		return h.config.format
	}
	if isDefault(reflect.TypeOf(h)) {
		return textFormat
	}
	return unknownFormat
}

// freeze returns attrs as a handler of format f would show them now, in a form
// that can no longer change. It returns a new slice; the caller may reuse its
// own.
func (f format) freeze(attrs []slog.Attr) []slog.Attr {
	frozen := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		frozen[i] = slog.Attr{Key: a.Key, Value: f.freezeValue(a.Value)}
	}
	return frozen
}

// freezeValue is freeze for one value.
func (f format) freezeValue(v slog.Value) slog.Value {
	v = v.Resolve()
	switch {
	case v.Kind() == slog.KindGroup:
		return slog.GroupValue(f.freeze(v.Group())...)
	case v.Kind() != slog.KindAny || f == unknownFormat:
		return v
	}
	x := v.Any()
	if same, ok := glsadapter.Snapshot(x); ok {
		return slog.AnyValue(same)
	}
	if b := reflect.ValueOf(x); f == textFormat && b.Kind() == reflect.Slice && b.Type().Elem().Kind() == reflect.Uint8 {
		if _, ok := x.(encoding.TextMarshaler); !ok {
			return slog.AnyValue(append([]byte(nil), b.Bytes()...)) // JSON is always quoted
		}
	}
	text := rendered{f.render(v)}
	if err, ok := x.(error); ok {
		return slog.AnyValue(renderedError{text, err})
	}
	return slog.AnyValue(text)
}

// render returns the text that a handler of format f writes for v, without
// quotes if f is text. f must be a known format.
func (f format) render(v slog.Value) string {
	var (
		out  bytes.Buffer
		h    slog.Handler
		only = &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key != valueKey {
				return slog.Attr{}
			}
			return a
		}}
	)
	if f == jsonFormat {
		h = slog.NewJSONHandler(&out, only)
	} else {
		h = slog.NewTextHandler(&out, only)
	}
	r := slog.NewRecord(time.Time{}, slog.LevelInfo, "", 0)
	r.AddAttrs(slog.Attr{Key: valueKey, Value: v})
	_ = h.Handle(context.Background(), r) // a Buffer takes everything
	line := strings.TrimSuffix(out.String(), "\n")
	if f == jsonFormat {
		return strings.TrimSuffix(strings.TrimPrefix(line, `{"`+valueKey+`":`), "}")
	}
	text := strings.TrimPrefix(line, valueKey+"=")
	if unquoted, err := strconv.Unquote(text); err == nil && text[0] == '"' {
		return unquoted
	}
	return text
}

// valueKey is the key of the value that render renders.
const valueKey = "x"

// A rendered is a value that was rendered for a known format. Of its two
// methods, only the one for that format returns the right result.
type rendered struct{ text string }

func (r rendered) MarshalJSON() ([]byte, error) { return []byte(r.text), nil }
func (r rendered) MarshalText() ([]byte, error) { return []byte(r.text), nil }
func (r rendered) String() string               { return r.text }

// A renderedError is a rendered error, for functions such as ReplaceAttr that
// look for errors.
type renderedError struct {
	rendered
	err error
}

func (e renderedError) Error() string { return e.err.Error() }
func (e renderedError) Unwrap() error { return e.err }
