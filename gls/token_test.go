package gls_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
)

// TestTokenChecks has a token for every combination of faults, and checks that
// the error is that of the first check that fails, and that nothing changes.
func TestTokenChecks(t *testing.T) {
	v, w := gls.New[int]("v"), gls.New[int]("w")
	v.Set(1)
	w.Set(10)
	var foreign, foreignUsed gls.Token[int]
	elsewhere(func() {
		v.Set(7)
		foreign, foreignUsed = v.Set(8), v.Set(9)
		v.Reset(foreignUsed)
	})
	mine, used := v.Set(2), v.Set(3)
	v.Reset(used)

	for _, row := range []struct {
		name  string
		v     *gls.Var[int]
		token gls.Token[int]
		want  error
	}{
		{"zero", v, gls.Token[int]{}, gls.ErrTokenZero},
		{"used", v, used, gls.ErrTokenUsed},
		{"used, of another variable", w, used, gls.ErrTokenUsed},
		{"used, of another Context", v, foreignUsed, gls.ErrTokenUsed},
		{"used, of both", w, foreignUsed, gls.ErrTokenUsed},
		{"another variable", w, mine, gls.ErrTokenVar},
		{"another variable and Context", w, foreign, gls.ErrTokenVar},
		{"another Context", v, foreign, gls.ErrTokenContext},
		{"good", v, mine, nil},
		{"used now", v, mine, gls.ErrTokenUsed},
	} {
		was := row.token.Used()
		err := row.v.TryReset(row.token)
		if row.want == nil {
			require.NoError(t, err, row.name)
			require.Equal(t, 1, v.Get())
			continue
		}
		requireKind(t, row.want, err)
		requireMisuse(t, row.want, func() { row.v.Reset(row.token) })
		if row.v == row.token.Var() {
			requireMisuse(t, row.want, row.token.Reset)
		}
		require.Equal(t, was, row.token.Used(), "%s: a failed reset uses the token up", row.name)
		require.Equal(t, 10, w.Get(), row.name)
	}
	requireMisuse(t, gls.ErrTokenZero, gls.Token[int]{}.Reset)
}

func TestFailedResetDoesNotUseTheToken(t *testing.T) {
	v, w := gls.New[int]("v"), gls.New[int]("w")
	token := v.Set(1)
	for i := 0; i < 3; i++ {
		require.ErrorIs(t, w.TryReset(token), gls.ErrTokenVar)
		gls.NewContext().Run(func() { require.ErrorIs(t, v.TryReset(token), gls.ErrTokenContext) })
		gls.CopyContext().Run(func() { require.ErrorIs(t, v.TryReset(token), gls.ErrTokenContext) })
		elsewhere(func() {
			assert.ErrorIs(t, v.TryReset(token), gls.ErrTokenContext, "no entry")
			defer v.Set(5).Reset()
			assert.ErrorIs(t, v.TryReset(token), gls.ErrTokenContext)
		})
	}
	require.False(t, token.Used())
	require.Equal(t, 1, v.Get())
	v.Reset(token)
	_, ok := v.Lookup()
	require.False(t, ok)
}

func TestCopiesOfATokenShareUse(t *testing.T) {
	v := gls.New[int]("v")
	token := v.Set(1)
	a, b := token, token
	require.Equal(t, token, a)
	a.Reset()
	for _, tok := range []gls.Token[int]{token, a, b} {
		require.True(t, tok.Used())
		require.ErrorIs(t, v.TryReset(tok), gls.ErrTokenUsed)
	}
}

func TestTokenAccessors(t *testing.T) {
	v := gls.New("v", gls.Default(5))
	first := v.Set(0)
	second := v.Set(2)
	third := v.Set(3)
	defer gls.Release()
	check := func(token gls.Token[int], old int, ok bool) {
		t.Helper()
		x, had := token.Old()
		require.Equal(t, old, x)
		require.Equal(t, ok, had)
		require.Same(t, v, token.Var())
	}
	check(first, 0, false) // a default is not an old value
	check(second, 0, true)
	check(third, 2, true)
	v.Reset(second)
	check(second, 0, true) // stays after use
	check(third, 2, true)
	elsewhere(func() { check(third, 2, true) })

	var zero gls.Token[int]
	require.Nil(t, zero.Var())
	_, ok := zero.Old()
	require.False(t, ok)
	require.False(t, zero.Used())
}

// TestBaseIdentity checks that the base Context is the same for the goroutine's
// life, even if its entry was removed in between.
func TestBaseIdentity(t *testing.T) {
	v := gls.New[int]("v")
	elsewhere(func() {
		t1 := v.Set(1)
		t2 := v.Set(2)
		v.Reset(t1) // unbound, the entry may go
		_, ok := v.Lookup()
		assert.False(t, ok)
		runtime.GC()
		assert.NoError(t, v.TryReset(t2))
		assert.Equal(t, 1, v.Get())
		assert.ErrorIs(t, v.TryReset(t2), gls.ErrTokenUsed)
		assert.ErrorIs(t, v.TryReset(t1), gls.ErrTokenUsed)
	})
	elsewhere(func() {
		t1 := v.Set(1)
		t2 := v.Set(2)
		gls.Release()
		gls.NewContext().Run(func() {
			assert.ErrorIs(t, v.TryReset(t2), gls.ErrTokenContext)
			t3 := v.Set(3)
			v.Reset(t3)
			assert.ErrorIs(t, v.TryReset(t2), gls.ErrTokenContext, "in an empty Context")
		})
		assert.NoError(t, v.TryReset(t2))
		assert.Equal(t, 1, v.Get())
		assert.NoError(t, v.TryReset(t1))
		assert.Zero(t, gls.CopyContext().Len())
	})
}

// TestTokenOfAContext follows the rows of "a token belongs to a Context".
func TestTokenOfAContext(t *testing.T) {
	v := gls.New[int]("v")
	c := gls.NewContext()
	var t1, t2, t3 gls.Token[int]
	c.Run(func() { t1, t2, t3 = v.Set(1), v.Set(2), v.Set(3) })
	require.ErrorIs(t, v.TryReset(t3), gls.ErrTokenContext, "outside")
	c.Copy().Run(func() { require.ErrorIs(t, v.TryReset(t3), gls.ErrTokenContext, "in a copy") })
	c.Run(func() { require.NoError(t, v.TryReset(t3), "a later Run") })
	elsewhere(func() {
		c.Run(func() { assert.NoError(t, v.TryReset(t2), "another goroutine") })
	})
	c.Run(func() {
		gls.NewContext().Run(func() { require.ErrorIs(t, v.TryReset(t1), gls.ErrTokenContext, "nested") })
		require.NoError(t, v.TryReset(t1))
	})
	require.Zero(t, c.Len())
}

func TestWith(t *testing.T) {
	v, w := gls.New[int]("v"), gls.New[int]("w")
	v.With(1, func() {
		require.Equal(t, 1, v.Get())
		v.Set(5)
		v.Set(6)
		w.Set(7)
	})
	_, ok := v.Lookup()
	require.False(t, ok, "Sets inside are not undone")
	require.Equal(t, 7, w.Get())
	defer w.Set(2).Reset()
	gls.With(func() {
		require.Equal(t, 3, v.Get(), "the last does not win")
		require.Equal(t, 4, w.Get())
		w.Set(9)
	}, v.Bind(1), w.Bind(4), gls.Binding{}, v.Bind(2), v.Bind(3))
	_, ok = v.Lookup()
	require.False(t, ok)
	require.Equal(t, 2, w.Get())
	ran := false
	gls.With(func() { ran = true })
	require.True(t, ran)
	b := v.Bind(1)
	for i := 0; i < 2; i++ { // a Binding is a value
		gls.With(func() { require.Equal(t, 1, v.Get()) }, b)
	}
}

// TestWithUndoesWhatItHasDone makes a binding fail in the middle, and f leave
// the Context, so that nothing can be reset until it is current again.
func TestWithUndoesWhatItHasDone(t *testing.T) {
	v, w := gls.New[int]("v"), gls.New[int]("w")
	var broken gls.Var[int]
	require.Error(t, panicOf(func() { gls.With(func() { t.Error("f runs") }, v.Bind(1), w.Bind(2), broken.Bind(3)) }).(error))
	for _, u := range []*gls.Var[int]{v, w} {
		_, ok := u.Lookup()
		require.False(t, ok, u)
	}

	var exit func()
	requireMisuse(t, gls.ErrTokenContext, func() {
		gls.With(func() { exit = gls.NewContext().Enter() }, v.Bind(1), w.Bind(2))
	}, `"v"`, goroutine())
	exit()
	require.Equal(t, 1, v.Get(), "it was reset from another Context")
	require.Equal(t, 2, w.Get(), "it was reset from another Context")
	gls.Release()
}
