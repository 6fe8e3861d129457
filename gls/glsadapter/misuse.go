package glsadapter

import (
	"errors"

	"github.com/seed18162548/contextvars/internal/hook"
)

// ErrNil reports that an argument is nil which must not be. Functions have
// [gls.ErrNilFunc] instead.
//
// [gls.ErrNilFunc]: https://pkg.go.dev/github.com/seed18162548/contextvars/gls#ErrNilFunc
var ErrNil = errors.New("gls: argument is nil")

// MustFunc panics with an error that wraps [gls.ErrNilFunc] if isNil is true.
// where is the name of the function that was called with nil, such as
// "glslog.AttrFunc". The error also names the calling goroutine.
//
//	glsadapter.MustFunc("glslog.AttrFunc", value == nil)
//
// [gls.ErrNilFunc]: https://pkg.go.dev/github.com/seed18162548/contextvars/gls#ErrNilFunc
func MustFunc(where string, isNil bool) { hook.MustFunc(where, isNil) }

// MustValue is like [MustFunc] for arguments that are not functions: it panics
// with an error that wraps [ErrNil]. what is the argument's type.
//
//	glsadapter.MustValue("glslog.NewHandler", "slog.Handler", next == nil)
func MustValue(where, what string, isNil bool) {
	if isNil {
		panic(Misuse(ErrNil, what+" of "+where))
	}
}

// Misuse returns an error that wraps kind, for an adapter to panic with. where
// is the name of the function that was misused. The error also names the
// calling goroutine, as those of package gls do.
func Misuse(kind error, where string) error { return hook.Misuse(kind, where) }
