package glslog

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// A Writer adds variables to the lines that pass through it. Create it with
// [NewWriter]. It may be used by several goroutines at once if the underlying
// writer may.
type Writer struct {
	config *config   // immutable
	w      io.Writer // immutable
}

// NewWriter returns a writer for loggers of the older package log:
//
//	log.SetOutput(glslog.NewWriter(os.Stderr, glslog.Attr(requestID)))
//
// It appends " request_id=…" to every line, quoted where slog's TextHandler
// would quote it, so that a value cannot forge a line; a [Group] becomes a
// prefix with a dot. Package log calls it once per message, on the goroutine
// that logs, and holds the logger's lock meanwhile: a value whose String or
// LogValue method logs through the same logger deadlocks. Programs that send
// the output of package log to slog ([slog.NewLogLogger], [slog.SetDefault])
// need only [NewHandler].
//
// NewWriter panics if w is nil. Nil options are ignored.
func NewWriter(w io.Writer, opts ...Option) *Writer {
	glsadapter.MustValue("glslog.NewWriter", "io.Writer", w == nil)
	return &Writer{config: newConfig(opts), w: w}
}

// lines holds buffers for Write.
var lines = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled is the maximum capacity of a buffer that is put back into lines, so
// that one huge message does not cost memory from then on.
const maxPooled = 16 << 10

// Write writes line with the variables that are bound in the calling goroutine,
// in one call of the underlying writer. line should be a whole message. The
// result counts only the bytes of line and is len(line) unless there is an
// error.
func (w *Writer) Write(line []byte) (int, error) {
	var fields [stackFields]slog.Attr
	attrs, _ := w.config.appendBound(context.Background(), fields[:0], nil)
	if len(attrs) == 0 {
		return w.w.Write(line)
	}
	body, end := line, ""
	if n := len(line); n > 0 && line[n-1] == '\n' {
		body, end = line[:n-1], "\n"
	}
	buf := lines.Get().(*[]byte)
	defer func() {
		if cap(*buf) <= maxPooled {
			lines.Put(buf)
		}
	}()
	out := append((*buf)[:0], body...)
	for _, a := range attrs {
		out = appendAttr(out, w.config.group, a)
	}
	out = append(out, end...)
	*buf = out

	n, err := w.w.Write(out)
	if err == nil && n < len(out) {
		err = io.ErrShortWrite
	}
	if err == nil || n > len(line) {
		n = len(line)
	}
	return n, err
}

// appendAttr appends " prefix.key=value" to b, once for each member if a is a
// group.
func appendAttr(b []byte, prefix string, a slog.Attr) []byte {
	key := a.Key
	if prefix != "" && key != "" {
		key = prefix + "." + key
	} else if key == "" {
		key = prefix
	}
	x := a.Value.Resolve()
	if x.Kind() == slog.KindGroup {
		for _, member := range x.Group() {
			b = appendAttr(b, key, member)
		}
		return b
	}
	b = append(b, ' ')
	b = appendText(b, key)
	b = append(b, '=')
	return appendText(b, x.String())
}

// appendText appends s to b, quoted if it could be misread otherwise.
func appendText(b []byte, s string) []byte {
	if s == "" || !plain(s) {
		return strconv.AppendQuote(b, s)
	}
	return append(b, s...)
}

// plain reports whether s needs no quotes.
func plain(s string) bool {
	for i, r := range s {
		switch {
		case r == ' ', r == '"', r == '=', !unicode.IsPrint(r):
			return false
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return false // not UTF-8
			}
		}
	}
	return true
}
