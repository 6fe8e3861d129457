package gls_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/petermattis/goid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
)

// elsewhere runs f on a new goroutine, started by a plain go statement, and
// waits for it. f must not call t.FailNow.
func elsewhere(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// panicOf returns the value that f panics with, or nil if it returns.
func panicOf(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}

// requireMisuse fails unless f panics with an error of the given kind whose
// text is one line that begins with "gls: " and contains all of texts.
func requireMisuse(t *testing.T, kind error, f func(), texts ...any) {
	t.Helper()
	err, ok := panicOf(f).(error)
	require.True(t, ok, "no panic with an error")
	requireKind(t, kind, err, texts...)
}

// requireKind is like requireMisuse for an error that was returned.
func requireKind(t *testing.T, kind, err error, texts ...any) {
	t.Helper()
	require.ErrorIs(t, err, kind)
	require.True(t, strings.HasPrefix(err.Error(), "gls: "), err)
	require.NotContains(t, err.Error(), "\n")
	for _, text := range texts {
		require.Contains(t, err.Error(), fmt.Sprint(text))
	}
}

// goroutine returns the name of the calling goroutine in messages.
func goroutine() string { return fmt.Sprint("goroutine ", goid.Get()) }

// kinds has all errors of the package.
var kinds = map[string]error{
	"ErrUnset": gls.ErrUnset, "ErrTokenZero": gls.ErrTokenZero, "ErrTokenUsed": gls.ErrTokenUsed,
	"ErrTokenVar": gls.ErrTokenVar, "ErrTokenContext": gls.ErrTokenContext,
	"ErrEntered": gls.ErrEntered, "ErrExit": gls.ErrExit, "ErrNilFunc": gls.ErrNilFunc,
}

func TestErrorsAreDistinct(t *testing.T) {
	texts := map[string]bool{}
	for name, kind := range kinds {
		require.True(t, strings.HasPrefix(kind.Error(), "gls: "), name)
		require.False(t, texts[kind.Error()], name)
		texts[kind.Error()] = true
		for other, err := range kinds {
			require.Equal(t, name == other, errors.Is(kind, err), "%s is %s", name, other)
		}
	}
}

// TestMessages checks that messages are one line with the names of the
// variables and both goroutines, even if a name contains a line break.
func TestMessages(t *testing.T) {
	user, other := gls.New[string]("user\nid"), gls.New[string]("tenant")
	const quoted = `"user\nid"`
	var theirs gls.Token[string]
	var their string
	elsewhere(func() { theirs, their = user.Set("secret"), goroutine() })

	mine := user.Set("secret")
	used := user.Set("secret")
	user.Reset(used)
	c := gls.NewContext()
	exit := c.Enter()

	for _, row := range []struct {
		name  string
		kind  error
		do    func()
		texts []any
	}{
		{"unset", gls.ErrUnset, func() { other.MustGet() }, []any{`"tenant"`, goroutine(), "; bind it first"}},
		{"zero", gls.ErrTokenZero, func() { user.Reset(gls.Token[string]{}) }, []any{quoted, goroutine(), "; reset the token that Set returned"}},
		{"zero, no variable", gls.ErrTokenZero, func() { gls.Token[string]{}.Reset() }, []any{goroutine()}},
		{"used", gls.ErrTokenUsed, func() { user.Reset(used) }, []any{quoted, goroutine(), "; reset each token once"}},
		{"variable", gls.ErrTokenVar, func() { other.Reset(mine) }, []any{quoted, `"tenant"`, goroutine(), "; reset it with the variable"}},
		{"another goroutine", gls.ErrTokenContext, func() { user.Reset(theirs) }, []any{quoted, their, goroutine(), "; reset it in the goroutine and Context"}},
		{"another Context", gls.ErrTokenContext, func() { user.Reset(mine) }, []any{quoted, goroutine()}},
		{"entered", gls.ErrEntered, func() { c.Run(func() {}) }, []any{goroutine(), "; run a Copy of it"}},
		{"exit", gls.ErrExit, func() { gls.NewContext().Run(exit) }, []any{goroutine(), "; call exit once"}},
		{"nil", gls.ErrNilFunc, func() { c.Run(nil) }, []any{"Run", goroutine()}},
	} {
		// Not in a subtest, which would be on a goroutine of its own.
		requireMisuse(t, row.kind, row.do, row.texts...)
		require.NotContains(t, panicOf(row.do).(error).Error(), "secret", row.name)
	}
	exit()
	user.Reset(mine)
}

// TestMessagesNameBothGoroutines tests errors that concern two goroutines.
func TestMessagesNameBothGoroutines(t *testing.T) {
	c := gls.NewContext()
	exit := c.Enter()
	here := goroutine()
	elsewhere(func() {
		there := goroutine()
		assert.NotEqual(t, here, there)
		for name, err := range map[string]error{
			"TryRun": c.TryRun(func() {}),
			"Enter":  panicOf(func() { c.Enter() }).(error),
			"Call":   panicOf(func() { gls.Call(c, func() int { return 0 }) }).(error),
			"exit":   panicOf(exit).(error),
		} {
			assert.Contains(t, err.Error(), here, name)
			assert.Contains(t, err.Error(), there, name)
		}
	})
	exit()
}

// TestNilFunctions passes nil to everything that takes a function.
func TestNilFunctions(t *testing.T) {
	v := gls.New[int]("v")
	c := gls.NewContext()
	entered := gls.NewContext()
	defer entered.Enter()()
	for name, f := range map[string]func(){
		"Run":         func() { c.Run(nil) },
		"Run entered": func() { entered.Run(nil) }, // nil is checked first
		"Call":        func() { gls.Call[int](c, nil) },
		"With":        func() { gls.With(nil, v.Bind(1)) },
		"Var.With":    func() { v.With(1, nil) },
		"Wrap":        func() { gls.Wrap(nil) },
		"WrapErr":     func() { gls.WrapErr(nil) },
		"Wrap1":       func() { gls.Wrap1[int](nil) },
		"Isolate":     func() { gls.Isolate(nil) },
		"RunFrom":     func() { gls.RunFrom(gls.Into(background), nil) },
		"DefaultFunc": func() { gls.DefaultFunc[int](nil) },
		"OnFork":      func() { gls.OnFork[int](nil) },
	} {
		requireMisuse(t, gls.ErrNilFunc, f)
		_, bound := v.Lookup()
		require.False(t, bound, name)
	}
	requireKind(t, gls.ErrNilFunc, c.TryRun(nil))
	requireKind(t, gls.ErrNilFunc, entered.TryRun(nil))
	c.Run(func() {}) // was never entered
}
