// Package hook has functions by which the packages of this module reach the
// unexported parts of package gls. Package gls sets the variables.
package hook

import (
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/registry"
)

var (
	// Context returns the registry's part of c, which must be a *gls.Context.
	Context func(c any) *registry.Context
	// Entered returns the gls.ErrEntered of a Context that goroutine holder is
	// in; verb is what the caller attempted.
	Entered func(verb string, holder int64) error
	// NilFunc returns the gls.ErrNilFunc of the function named where.
	NilFunc func(where string) error
	// Misuse returns an error that wraps kind and names the function where and the
	// calling goroutine.
	Misuse func(kind error, where string) error
	// Binding returns the binding of v, which must be a *gls.Var, in the
	// current Context of the calling goroutine, or nil. The result is the same
	// until v is set or the storage is compacted.
	Binding func(v any) *binding.Cell
	// Private reports whether v, which must be a *gls.Var, was made with
	// gls.NoInherit.
	Private func(v any) bool
)
