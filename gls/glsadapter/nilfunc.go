package glsadapter

import "github.com/seed18162548/contextvars/internal/hook"

// MustFunc panics with an error that wraps [gls.ErrNilFunc] if isNil is true.
// where is the name of the function that was called with nil, such as
// "glslog.AttrFunc". The error also names the calling goroutine.
//
//	glsadapter.MustFunc("glslog.AttrFunc", value == nil)
//
// [gls.ErrNilFunc]: https://pkg.go.dev/github.com/seed18162548/contextvars/gls#ErrNilFunc
func MustFunc(where string, isNil bool) { hook.MustFunc(where, isNil) }
