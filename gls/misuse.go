package gls

import (
	"errors"
	"strconv"
	"strings"

	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/goroutine"
)

// Misuse panics with an error that wraps one of these; the Try functions return
// it. Test with [errors.Is]. The text names the variable and the goroutines and
// says what to do.
var (
	// ErrUnset reports that [Var.MustGet] found a variable that is unbound and has
	// no default. The error is a *[LookupError].
	ErrUnset = errors.New("gls: variable is not bound and has no default")
	// ErrTokenZero reports that a zero [Token] was reset.
	ErrTokenZero = errors.New("gls: token is zero")
	// ErrTokenUsed reports that a [Token] was reset for the second time.
	ErrTokenUsed = errors.New("gls: token has been used already")
	// ErrTokenVar reports that a variable was reset with a [Token] of another
	// variable.
	ErrTokenVar = errors.New("gls: token was made by another variable")
	// ErrTokenContext reports that a [Token] was reset outside the [Context]
	// in which it was made.
	ErrTokenContext = errors.New("gls: token was made in another Context")
	// ErrEntered reports that a goroutine is already in the [Context].
	ErrEntered = errors.New("gls: Context is entered already")
	// ErrExit reports that an exit function was called while its [Context] was not
	// the current one, by another goroutine, or twice.
	ErrExit = errors.New("gls: exit of a Context that is not the current one")
	// ErrNilFunc reports that a function to be called is nil.
	ErrNilFunc = errors.New("gls: function is nil")

	errNoVar = errors.New("gls: variable was not made by New")
)

// remedy returns what to do about a misuse, "" if that is plain.
func remedy(kind error) string {
	switch {
	case errors.Is(kind, ErrUnset):
		return "; bind it first, give it a Default, or read it with Lookup"
	case errors.Is(kind, ErrTokenZero):
		return "; reset the token that Set returned"
	case errors.Is(kind, ErrTokenUsed):
		return "; reset each token once"
	case errors.Is(kind, ErrTokenVar):
		return "; reset it with the variable that made it"
	case errors.Is(kind, ErrTokenContext):
		return "; reset it in the goroutine and Context that made it"
	case errors.Is(kind, ErrEntered):
		return "; run a Copy of it"
	case errors.Is(kind, ErrExit):
		return "; call exit once, in the goroutine that entered, while its Context is the current one"
	case errors.Is(kind, errNoVar):
		return "; declare it with gls.New"
	}
	return ""
}

// A LookupError is the error that [Var.MustGet] panics with. It matches
// [ErrUnset]. In Python: LookupError.
type LookupError struct {
	Var AnyVar

	id int64 // the goroutine that called MustGet, 0 if the error was made elsewhere
}

// Error names the variable and the goroutine, and says what to do.
func (e *LookupError) Error() string {
	text := ErrUnset.Error()
	if e.Var != nil {
		text += ": " + e.Var.String()
	}
	if e.id != 0 {
		text += " in goroutine " + strconv.FormatInt(e.id, 10)
	}
	return text + remedy(ErrUnset)
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
	b.WriteString(remedy(kind))
	return &misuseError{kind, b.String()}
}

// called returns an error of the given kind for a call of the function named
// where.
func called(kind error, where string) error {
	return misuse(kind, where, " called by goroutine ", goroutine.ID())
}

// misuse returns the error for a failed Reset of v with t. v is nil if t is the
// zero Token, which has no variable.
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

// misuseOf is misuse of a change, which must be v's.
func (v *Var[T]) misuseOf(c change, outcome current.Outcome) error {
	return v.misuse(Token[T]{v.of(c.set), c.replaced, c.in, c.by}, outcome)
}

// entered returns the error for entering a Context that goroutine holder is in.
func entered(verb string, holder int64) error {
	if holder == 0 { // it has left meanwhile
		return misuse(ErrEntered, verb, " by goroutine ", goroutine.ID())
	}
	return misuse(ErrEntered, "by goroutine ", holder, ", ", verb, " by goroutine ", goroutine.ID())
}

func nilFunc(where string) error { return called(ErrNilFunc, where) }
