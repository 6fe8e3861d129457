package glsexport

import (
	"errors"
	"fmt"
	"strings"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/internal/hook"
)

// ErrName reports that a name cannot be used on the wire. [Export] and
// [ExportHeader] panic with an error that wraps it and gives the reason.
var ErrName = errors.New("glsexport: invalid name")

// An Exported is a variable whose value may leave the process and enter it. The
// zero Exported exports nothing. Neither does the Exported of a variable made
// with [gls.NoInherit], whose values do not even reach another goroutine. An
// Exported is immutable and may be used from any goroutine.
type Exported struct {
	name   string
	header bool // whether it has a header of its own or is a baggage member

	// encode returns the current value as text and reports whether the
	// variable is bound. It is nil if nothing is exported.
	encode func() (text string, bound bool, err error)
	decode func(text string) (gls.Binding, error)
}

// Export makes v a member of the W3C baggage, under the key name. Keys are
// case-sensitive. Any text that c produces can be carried, because it is
// percent-encoded. Export panics with [ErrName] if name is not a token of RFC
// 9110 and with [gls.ErrNilFunc] if c lacks a function.
func Export[T any](v *gls.Var[T], name string, c Codec[T]) Exported {
	if !isToken(name) {
		panic(badName(name, "a baggage key is a token"))
	}
	return export(v, name, false, c)
}

// ExportHeader gives v a header of its own, called name, whose case does not
// matter. It is for peers that expect such a header, for example X-Request-ID.
// The header contains the text that c writes, unescaped, so only texts of
// printable ASCII can be carried that are not empty and neither begin nor end
// with a space. Some proxies join headers of the same name with a comma; if no
// valid value has a comma, let c refuse it (see [Where]). ExportHeader panics
// with the error of [CheckHeader] if that refuses name, and with
// [gls.ErrNilFunc] if c lacks a function.
func ExportHeader[T any](v *gls.Var[T], name string, c Codec[T]) Exported {
	if err := CheckHeader(name); err != nil {
		panic(err)
	}
	return export(v, name, true, c)
}

func export[T any](v *gls.Var[T], name string, header bool, c Codec[T]) Exported {
	glsadapter.MustFunc("glsexport.Export of "+name, c.Encode == nil || c.Decode == nil)
	if hook.Private(v) {
		return Exported{name: name, header: header}
	}
	return Exported{
		name:   name,
		header: header,
		encode: func() (string, bool, error) {
			x, bound := v.Lookup()
			if !bound {
				return "", false, nil
			}
			text, err := c.Encode(x)
			return text, true, err
		},
		decode: func(text string) (gls.Binding, error) {
			x, err := c.Decode(text)
			return v.Bind(x), err
		},
	}
}

// Name returns the name on the wire.
func (e Exported) Name() string { return e.name }

// Header returns the name of the header that carries the variable: its own, or
// [BaggageHeader].
func (e Exported) Header() string {
	if e.header {
		return e.name
	}
	return BaggageHeader
}

// CheckHeader returns an error that wraps [ErrName] if a variable cannot have a
// header called name: because name is not a token, because it is the baggage
// header, or because such headers frame or route messages, which a value must
// never do.
func CheckHeader(name string) error {
	if !isToken(name) {
		return badName(name, "a header name is a token")
	}
	switch strings.ToLower(name) {
	case BaggageHeader:
		return badName(name, "baggage has members, see Export")
	case "connection", "content-length", "expect", "host", "http2-settings", "keep-alive", "proxy-connection",
		"te", "trailer", "transfer-encoding", "upgrade":
		return badName(name, "the header belongs to the protocol")
	}
	return nil
}

func badName(name, why string) error { return fmt.Errorf("%w %q: %s", ErrName, name, why) }
