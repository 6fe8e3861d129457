// Package inner lets the packages of this module reach what gls.Context hides
// from its users. Package gls fills the variables in.
package inner

import (
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/registry"
)

var (
	// Context returns the inside of c, which must be a *gls.Context.
	Context func(c any) *registry.Context
	// Entered returns the gls.ErrEntered of a Context that goroutine holder
	// has; verb is what the caller attempted.
	Entered func(verb string, holder int64) error
	// NilFunc returns the gls.ErrNilFunc of the function named where.
	NilFunc func(where string) error
	// Binding returns the binding of v, which must be a *gls.Var, in the
	// current Context of the calling goroutine, or nil. It is the same as long
	// as v is not set and the storage is not laid out anew.
	Binding func(v any) *binding.Cell
	// Private reports whether v, which must be a *gls.Var, was made with
	// gls.NoInherit.
	Private func(v any) bool
)
