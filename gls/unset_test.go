package gls_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/registry/registrytest"
	"github.com/seed18162548/contextvars/spawn"
)

// TestUnset checks that it is as if the variable had never been bound, until
// the token is reset.
func TestUnset(t *testing.T) {
	for _, others := range []int{0, 1, 7, 8, 9, 40} { // in the list, at its end, in the trie
		vs := numbered(others)
		for position := 0; position <= others; position += 1 + others/4 {
			elsewhere(func() {
				defer gls.Release()
				v := gls.New("v", gls.Default(-1))
				for _, o := range vs[:position] {
					o.Set(1)
				}
				v.Set(5)
				for _, o := range vs[position:] {
					o.Set(1)
				}
				before := gls.CopyContext()
				tok := v.Unset()

				assert.Equal(t, -1, v.Get())
				assert.Equal(t, 9, v.GetOr(9))
				_, ok := v.Lookup()
				assert.False(t, ok)
				now := gls.CopyContext()
				_, ok = v.In(now)
				assert.False(t, ok)
				assert.False(t, now.Has(v))
				assert.Equal(t, others, now.Len())
				now.Range(func(w gls.AnyVar, _ any) bool { return assert.NotEqual(t, gls.AnyVar(v), w) })
				assert.False(t, now.Equal(before))
				seen, _ := spawn.Start(func() (int, error) { return v.Get(), nil }).Wait()
				assert.Equal(t, -1, seen)
				if old, ok := tok.Old(); assert.True(t, ok) {
					assert.Equal(t, 5, old)
				}
				assert.Same(t, v, tok.Var())
				assert.False(t, tok.Used())

				tok.Reset()
				assert.True(t, tok.Used())
				assert.Equal(t, 5, v.Get())
				assert.True(t, gls.CopyContext().Equal(before))
				assert.ErrorIs(t, v.TryReset(tok), gls.ErrTokenUsed)
			})
		}
	}
}

// TestUnsetKeepsTheBindingsIdentity checks that the token restores the same
// binding.
func TestUnsetKeepsTheBindingsIdentity(t *testing.T) {
	v := gls.New[any]("v")
	type incomparable struct{ f func() }
	defer v.Set(incomparable{}).Reset()
	before := gls.CopyContext()
	v.Unset().Reset()
	require.True(t, gls.CopyContext().Equal(before))
}

// TestUnsetOutOfOrder checks that each token restores what preceded its own Set
// or Unset.
func TestUnsetOutOfOrder(t *testing.T) {
	v := gls.New[int]("v")
	defer gls.Release()
	set := v.Set(1)
	unset := v.Unset()
	again := v.Set(2)
	require.NoError(t, v.TryReset(set))
	require.False(t, gls.CopyContext().Has(v))
	require.NoError(t, v.TryReset(unset))
	require.Equal(t, 1, v.Get())
	require.NoError(t, v.TryReset(again))
	require.False(t, gls.CopyContext().Has(v))

	twice := v.Unset()
	_, ok := twice.Old()
	require.False(t, ok)
	v.Set(3)
	twice.Reset()
	require.False(t, gls.CopyContext().Has(v))
}

// TestUnsetAndState checks that Unset makes no state, that the last one leaves
// none, and that the base Context keeps its identity.
func TestUnsetAndState(t *testing.T) {
	v := gls.New[int]("v")
	before := registrytest.Now()
	elsewhere(func() {
		tok := v.Unset()
		assert.Empty(t, before.New())
		v.Set(1)
		tok.Reset()
		assert.Empty(t, before.New())
		v.Set(2)
		tok = v.Unset()
		assert.Empty(t, before.New(), "the last binding is unset")
		tok.Reset()
		assert.Equal(t, 2, v.Get())
		v.Unset()
		assert.Empty(t, before.New())
	})
}

// TestUnsetInContexts checks that the token belongs to the Context.
func TestUnsetInContexts(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	c := gls.CopyContext()
	var tok gls.Token[int]
	c.Run(func() { tok = v.Unset() })
	require.Equal(t, 1, v.Get())
	require.False(t, c.Has(v))
	require.ErrorIs(t, v.TryReset(tok), gls.ErrTokenContext)
	elsewhere(func() { c.Run(func() { assert.NoError(t, v.TryReset(tok)) }) })
	require.True(t, c.Has(v))
	tok = v.Unset()
	elsewhere(func() { assert.ErrorIs(t, v.TryReset(tok), gls.ErrTokenContext) })
	require.ErrorIs(t, gls.New[int]("w").TryReset(tok), gls.ErrTokenVar)
	tok.Reset()
	require.NotNil(t, panicOf(func() { new(gls.Var[int]).Unset() }))
}

// TestUnsetOfPolicies checks that OnFork is not called for an unset variable.
func TestUnsetOfPolicies(t *testing.T) {
	calls := 0
	v := gls.New("v", gls.OnFork(func(x int) int { calls++; return x + 1 }))
	defer v.Set(1).Reset()
	tok := v.Unset()
	require.Zero(t, gls.ForkContext().Len())
	require.Zero(t, calls)
	tok.Reset()
	x, _ := v.In(gls.ForkContext())
	require.Equal(t, 2, x)
	require.Equal(t, 1, calls)
}

// TestForkContext compares ForkContext with what a spawned goroutine inherits.
func TestForkContext(t *testing.T) {
	plain, private := gls.New[int]("plain"), gls.New("private", gls.NoInherit[int]())
	before := registrytest.Now()
	require.Zero(t, gls.ForkContext().Len())
	require.Empty(t, before.New(), "it makes no state")
	defer plain.Set(1).Reset()
	defer private.Set(2).Reset()
	c := gls.ForkContext()
	child, _ := spawn.Start(func() (*gls.Context, error) { return gls.CopyContext(), nil }).Wait()
	require.True(t, c.Equal(child))
	require.True(t, c.Has(plain))
	require.False(t, c.Has(private))
	c.Run(func() { plain.Set(3) })
	require.Equal(t, 1, plain.Get(), "it is a copy")
	require.NoError(t, c.TryRun(func() {}), "and not entered")
}
