//go:build !go1.24

package glslog

import "github.com/seed18162548/contextvars/internal/binding"

// A bindingRef would refer to a binding without keeping its value alive, which
// takes weak pointers. A strong reference in a handler could keep everything
// alive that a request has bound. See binding_go124.go.
type bindingRef struct{}

func refTo(*binding.Cell) (r bindingRef, ok bool) { return r, false }

func (bindingRef) is(*binding.Cell) bool { return false }
