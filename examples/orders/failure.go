package main

import (
	"errors"
	"fmt"
)

// Reasons for which a request fails. The handlers turn them into statuses.
var (
	errQuantity   = errors.New("quantity must be from 1 to 1000")
	errUnknown    = errors.New("not for sale")
	errOutOfStock = errors.New("out of stock")
	errDuplicate  = errors.New("already placed")
	errNoOrder    = errors.New("no such order")
	errMalformed  = errors.New("malformed request")
)

// A failure is an error with the identity of the request that it happened to.
type failure struct {
	err error
	who identity // of the goroutine that made the error, at that time
}

// failed returns the error that fmt.Errorf makes of its arguments, with the
// current identity. If it wraps a failure, it has the identity of that one.
func failed(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	if _, ok := errors.AsType[*failure](err); ok {
		return err
	}
	return &failure{err: err, who: current()}
}

func (f *failure) Error() string { return fmt.Sprintf("%v [%v]", f.err, f.who) }

func (f *failure) Unwrap() error { return f.err }
