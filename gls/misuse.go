package gls

import (
	"errors"
	"strconv"
	"strings"

	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/goroutine"
)

// What misuse panics with, or the Try functions return, is one of these errors:
// test with [errors.Is]. The text names the variable and the goroutines.
var (
	// ErrUnset is that a variable is neither bound nor has a default
	// ([Var.MustGet]). The error is a *[LookupError].
	ErrUnset = errors.New("gls: variable is not bound and has no default")
	// ErrTokenZero is the reset of a zero [Token].
	ErrTokenZero = errors.New("gls: token is zero")
	// ErrTokenUsed is a second reset of a [Token].
	ErrTokenUsed = errors.New("gls: token has been used already")
	// ErrTokenVar is the reset of a variable with another one's [Token].
	ErrTokenVar = errors.New("gls: token was made by another variable")
	// ErrTokenContext is the reset of a [Token] outside the [Context] in
	// which it was made.
	ErrTokenContext = errors.New("gls: token was made in another Context")
	// ErrEntered is an attempt to enter a [Context] that a goroutine is in.
	ErrEntered = errors.New("gls: Context is entered already")
	// ErrExit is the exit of a [Context] that is not the current one, or
	// from another goroutine, or for the second time.
	ErrExit = errors.New("gls: exit of a Context that is not the current one")
	// ErrNilFunc is a nil function where one is to be called.
	ErrNilFunc = errors.New("gls: function is nil")
)

// A LookupError is what [Var.MustGet] panics with. It is [ErrUnset]. It is
// Python's LookupError.
type LookupError struct {
	Var AnyVar

	id int64 // the goroutine that asked, 0 if the error was not made by MustGet
}

// Error names the variable and the goroutine.
func (e *LookupError) Error() string {
	text := ErrUnset.Error()
	if e.Var != nil {
		text += ": " + e.Var.String()
	}
	if e.id != 0 {
		text += " in goroutine " + strconv.FormatInt(e.id, 10)
	}
	return text
}

// Is reports whether target is [ErrUnset].
func (e *LookupError) Is(target error) bool { return target == ErrUnset }

// A misuseError adds names and goroutines to one of the errors above.
type misuseError struct {
	kind error
	text string
}

func (e *misuseError) Error() string { return e.text }
func (e *misuseError) Unwrap() error { return e.kind }

// misuse returns an error of the given kind whose details are strings and
// goroutine IDs.
func misuse(kind error, details ...any) *misuseError {
	var b strings.Builder
	b.WriteString(kind.Error())
	for i, d := range details {
		if i == 0 {
			b.WriteString(": ")
		}
		switch d := d.(type) {
		case string:
			b.WriteString(d)
		case int64:
			b.WriteString(strconv.FormatInt(d, 10))
		}
	}
	return &misuseError{kind, b.String()}
}

// misuse returns the error of the reset of v, nil if the zero Token was to tell,
// with t that had the given outcome.
func (v *Var[T]) misuse(t Token[T], outcome current.Outcome) error {
	id := goroutine.ID()
	if outcome == current.NothingSet {
		if v == nil {
			return misuse(ErrTokenZero, "reset by goroutine ", id)
		}
		return misuse(ErrTokenZero, "reset of ", v.String(), " by goroutine ", id)
	}
	made := " was set by goroutine "
	where := " in its base Context"
	if t.in != nil {
		where = " in an entered Context"
	}
	switch set := t.Var().String(); outcome {
	case current.UsedBefore:
		return misuse(ErrTokenUsed, set, made, t.by, where, ", reset again by goroutine ", id)
	case current.OtherVariable:
		return misuse(ErrTokenVar, set, made, t.by, where, ", reset as ", v.String(), " by goroutine ", id)
	default:
		return misuse(ErrTokenContext, set, made, t.by, where, ", reset in another by goroutine ", id)
	}
}

// entered returns the error of entering a Context that goroutine holder has.
func entered(verb string, holder int64) error {
	if holder == 0 { // it has left meanwhile
		return misuse(ErrEntered, verb, " by goroutine ", goroutine.ID())
	}
	return misuse(ErrEntered, "by goroutine ", holder, ", ", verb, " by goroutine ", goroutine.ID())
}

func nilFunc(where string) error {
	return misuse(ErrNilFunc, where, " called by goroutine ", goroutine.ID())
}
