package spawn_test

import (
	"errors"
	"testing"

	"github.com/petermattis/goid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// ground binds n more variables, so that those of a test are at every depth of
// the storage. It returns a function that undoes this.
func ground(n int) (undo func()) {
	tokens := make([]gls.Token[int], n)
	for i := range tokens {
		tokens[i] = gls.New[int]("ground").Set(i)
	}
	return func() {
		for i := range tokens {
			tokens[len(tokens)-1-i].Reset()
		}
	}
}

var depths = []int{0, 3, 8, 9, 40, 300}

func TestNoInherit(t *testing.T) {
	private := gls.New("private", gls.NoInherit[string](), gls.Default("none"))
	public := gls.New[string]("public")
	for _, below := range depths {
		for _, above := range depths {
			defer ground(below)()
			defer public.Set("x").Reset()
			defer private.Set("live transaction").Reset()
			defer ground(above)()
			bound := gls.CopyContext().Len()
			for _, s := range inheriting {
				s.start(func() {
					_, ok := private.Lookup()
					assert.False(t, ok, s.name)
					assert.Equal(t, "none", private.Get(), s.name)
					assert.Equal(t, "x", public.Get(), s.name)
					assert.Equal(t, bound-1, gls.CopyContext().Len(), s.name)
				})
			}
			require.Equal(t, "live transaction", private.Get())
		}
	}
}

func TestOnFork(t *testing.T) {
	var calls []string
	parent := goid.Get()
	v := gls.New("v", gls.OnFork(func(s string) string {
		assert.Equal(t, parent, goid.Get(), "not in the parent goroutine")
		calls = append(calls, s)
		return s + "'s child"
	}))
	for _, s := range inheriting {
		s.start(func() {
			_, ok := v.Lookup()
			assert.False(t, ok, s.name)
		})
	}
	require.Empty(t, calls, "called where the variable is unbound")

	for _, below := range depths {
		undo := ground(below)
		token := v.Set("parent")
		undoAbove := ground(below)
		for _, s := range inheriting {
			calls = nil
			s.start(func() {
				assert.Equal(t, "parent's child", v.Get(), s.name)
				parent, calls = goid.Get(), nil
				spawn.Start(task(func() { assert.Equal(t, "parent's child's child", v.Get()) })).Wait()
				assert.Equal(t, []string{"parent's child"}, calls)
			})
			parent = goid.Get()
			require.Equal(t, "parent", v.Get())
		}
		undoAbove()
		token.Reset()
		undo()
	}
}

// TestOnForkIsCalledOncePerStart includes functions that start more than one
// goroutine or none.
func TestOnForkIsCalledOncePerStart(t *testing.T) {
	calls := 0
	v := gls.New("v", gls.OnFork(func(x int) int { calls++; return x }))
	defer v.Set(1).Reset()
	for i, s := range inheriting {
		s.start(func() {})
		require.Equal(t, i+1, calls, s.name)
	}
	calls = 0
	_, err := spawn.Gather(task(func() {}), task(func() {}), task(func() {}))
	require.NoError(t, err)
	require.Equal(t, 3, calls)
}

// TestOnForkMayUseVariables checks that OnFork runs in the parent's Context,
// and that a Set in it stays in the parent and is not inherited.
func TestOnForkMayUseVariables(t *testing.T) {
	seen := gls.New[int]("seen")
	var v *gls.Var[int]
	v = gls.New("v", gls.OnFork(func(x int) int {
		seen.Set(v.Get())
		gls.NewContext().Run(func() { v.Set(-1) })
		return x + 1
	}))
	defer gls.Release()
	v.Set(5)
	spawn.Start(task(func() {
		assert.Equal(t, 6, v.Get())
		_, ok := seen.Lookup()
		assert.False(t, ok)
	})).Wait()
	require.Equal(t, 5, seen.Get())
	require.Equal(t, 5, v.Get())
}

// TestOnForkPanics checks that nothing is started and that nothing waits for
// it.
func TestOnForkPanics(t *testing.T) {
	boom := errors.New("boom")
	v := gls.New("v", gls.OnFork(func(int) int { panic(boom) }))
	defer v.Set(1).Reset()
	var g spawn.Group
	var wg spawn.WaitGroup
	g.SetLimit(1)
	for i := 0; i < 3; i++ {
		for _, start := range []func(){
			func() { spawn.Go(func() { t.Error("started") }) },
			func() { g.Go(func() error { t.Error("started"); return nil }) },
			func() { g.TryGo(func() error { t.Error("started"); return nil }) },
			func() { wg.Go(func() { t.Error("started") }) },
			func() { spawn.AfterFunc(0, func() { t.Error("started") }) },
		} {
			require.Same(t, boom, panicOf(start))
		}
	}
	require.NoError(t, g.Wait())
	wg.Wait()
}

// TestPoliciesDoNotApplyToContexts checks that functions that are given a whole
// Context ignore policies.
func TestPoliciesDoNotApplyToContexts(t *testing.T) {
	private := gls.New("private", gls.NoInherit[int]())
	forked := gls.New("forked", gls.OnFork(func(int) int { panic("called") }))
	both := gls.New("both", gls.NoInherit[int](), gls.OnFork(func(int) int { panic("called") }))
	defer gls.Release()
	private.Set(1)
	forked.Set(2)
	both.Set(3)
	check := func() {
		assert.Equal(t, 1, private.Get())
		assert.Equal(t, 2, forked.Get())
		assert.Equal(t, 3, both.Get())
	}
	for _, e := range entering {
		e.start(gls.CopyContext(), check)
		e.start(gls.CopyContext().Copy(), check)
	}
	gls.CopyContext().Run(check)
	gls.Wrap(check)()
	gls.RunFrom(gls.Into(background), check)
	wait(spawn.Detached, gls.Wrap(check))
}

// TestPoliciesAfterReset checks that variables with a policy that are unbound
// again, in order or not, have no effect.
func TestPoliciesAfterReset(t *testing.T) {
	private := gls.New("private", gls.NoInherit[int]())
	forked := gls.New("forked", gls.OnFork(func(x int) int { return 10 * x }))
	v := gls.New[int]("v")
	for _, depth := range depths {
		undo := ground(depth)
		a := private.Set(1)
		b := forked.Set(2)
		c := forked.Set(3)
		defer v.Set(7).Reset()
		a.Reset()
		inherits(t, map[*gls.Var[int]]int{forked: 30, v: 7}, private)
		b.Reset()
		inherits(t, map[*gls.Var[int]]int{v: 7}, private, forked)
		c.Reset()
		inherits(t, map[*gls.Var[int]]int{forked: 20, v: 7}, private)
		d := private.Set(4)
		inherits(t, map[*gls.Var[int]]int{forked: 20, v: 7}, private)
		d.Reset()
		gls.CopyContext().Run(func() {
			private.Set(5)
			inherits(t, map[*gls.Var[int]]int{forked: 20, v: 7}, private)
		})
		undo()
		forked.Set(0)
		gls.Release()
	}
}

// inherits checks what a goroutine that is started now inherits.
func inherits(t *testing.T, bound map[*gls.Var[int]]int, unbound ...*gls.Var[int]) {
	t.Helper()
	spawn.Start(task(func() {
		for v, want := range bound {
			x, ok := v.Lookup()
			assert.True(t, ok, v)
			assert.Equal(t, want, x, v)
		}
		for _, v := range unbound {
			_, ok := v.Lookup()
			assert.False(t, ok, v)
		}
	})).Wait()
}
