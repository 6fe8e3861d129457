package glsnats

import (
	"crypto/rand"
	"encoding/hex"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// TraceParent is the W3C trace context of the goroutine's work. If it is bound,
// it is sent with every job, as the header traceparent, and bound in the worker
// to the value that arrived, which has the producer's trace and span. It must
// not be assigned to. To use another variable instead, export that under the
// name traceparent.
var TraceParent = gls.New[Trace]("traceparent")

// A Trace identifies a trace and a span in it, in the sense of the W3C
// Recommendation "Trace Context". The zero Trace is not valid. Traces can be
// compared.
type Trace struct {
	ID    [16]byte // of the trace; not all zero
	Span  [8]byte  // of the span, parent-id on the wire; not all zero
	Flags byte     // bit 0: sampled
}

const (
	traceHeader = "traceparent"
	traceLength = 2 + 1 + 32 + 1 + 16 + 1 + 2
)

var traceExport = glsexport.ExportHeader(TraceParent, traceHeader, glsexport.Codec[Trace]{
	Encode: func(t Trace) (string, error) {
		if !t.Valid() {
			return "", glsexport.ErrValue
		}
		return t.String(), nil
	},
	Decode: ParseTrace,
})

// NewTrace returns a new, sampled trace with its first span.
func NewTrace() Trace {
	t := Trace{Flags: 1}
	rand.Read(t.ID[:]) // which never fails
	return t.Child()
}

// Child returns the trace with a new span.
func (t Trace) Child() Trace {
	rand.Read(t.Span[:])
	return t
}

// Valid reports whether neither ID is all zero.
func (t Trace) Valid() bool { return t.ID != [16]byte{} && t.Span != [8]byte{} }

// TraceID returns t.ID in hexadecimal.
func (t Trace) TraceID() string { return hex.EncodeToString(t.ID[:]) }

// String returns t in the form of a traceparent header of version 00.
func (t Trace) String() string {
	b := make([]byte, 0, traceLength)
	b = append(b, "00-"...)
	b = append(hex.AppendEncode(b, t.ID[:]), '-')
	b = append(hex.AppendEncode(b, t.Span[:]), '-')
	return string(hex.AppendEncode(b, []byte{t.Flags}))
}

// ParseTrace parses a traceparent header. It ignores additional fields at the
// end of headers of later versions. It returns glsexport.ErrValue for headers
// that are invalid according to the Recommendation.
func ParseTrace(s string) (t Trace, err error) {
	if len(s) < traceLength || s[2] != '-' || s[35] != '-' || s[52] != '-' {
		return Trace{}, glsexport.ErrValue
	}
	var version, flags [1]byte
	for _, field := range []struct {
		to   []byte
		text string
	}{{version[:], s[:2]}, {t.ID[:], s[3:35]}, {t.Span[:], s[36:52]}, {flags[:], s[53:traceLength]}} {
		if !lowerHex(field.to, field.text) {
			return Trace{}, glsexport.ErrValue
		}
	}
	t.Flags = flags[0]
	more := s[traceLength:]
	if !t.Valid() || version[0] == 0xff || version[0] == 0 && more != "" || more != "" && more[0] != '-' {
		return Trace{}, glsexport.ErrValue
	}
	return t, nil
}

// lowerHex decodes text, which must be twice as long as to, into to and reports
// whether it is hexadecimal in lower case. The Recommendation forbids upper
// case.
func lowerHex(to []byte, text string) bool {
	for i := range to {
		high, low := digit(text[2*i]), digit(text[2*i+1])
		if high|low > 0xf {
			return false
		}
		to[i] = high<<4 | low
	}
	return true
}

// digit returns the value of the hexadecimal digit c, or 0xff.
func digit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 0xff
}
