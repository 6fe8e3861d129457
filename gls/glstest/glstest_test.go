package glstest_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glstest"
)

// A double is a test that is looked at: it collects cleanups and errors.
type double struct {
	testing.TB
	cleanups []func()
	errors   []string
}

func (d *double) Helper()          {}
func (d *double) Cleanup(f func()) { d.cleanups = append(d.cleanups, f) }
func (d *double) Errorf(format string, args ...any) {
	d.errors = append(d.errors, fmt.Sprintf(format, args...))
}

// end runs the cleanups as the end of a test does.
func (d *double) end() {
	for n := len(d.cleanups) - 1; n >= 0; n-- {
		d.cleanups[n]()
	}
	d.cleanups = nil
}

func TestRun(t *testing.T) {
	v := gls.New[string]("v")
	private := gls.New("private", gls.NoInherit[string]())
	forked := gls.New("forked", gls.OnFork(func(s string) string { return s + " forked" }))
	glstest.CheckLeaks(t)
	defer gls.Release()
	v.Set("parent")
	private.Set("parent")
	forked.Set("parent")
	cleaned := false
	ok := glstest.Run(t, "subtest", func(t *testing.T) {
		t.Cleanup(func() {
			require.Equal(t, "child", v.Get(), "cleanups do not see the bindings")
			cleaned = true
		})
		require.Equal(t, "parent", v.Get())
		require.Equal(t, "parent forked", forked.Get())
		_, bound := private.Lookup()
		require.False(t, bound)
		v.Set("child")
		require.True(t, glstest.Run(t, "nested", func(t *testing.T) {
			require.Equal(t, "child", v.Get())
			require.Equal(t, "parent forked forked", forked.Get())
		}))
	})
	require.True(t, ok)
	require.True(t, cleaned)
	require.Equal(t, "parent", v.Get())
	require.Equal(t, "parent", private.Get())
}

// TestRunParallel checks that the bindings are those of the call, and that
// cleanups see them.
func TestRunParallel(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(-1).Reset()
	t.Run("group", func(t *testing.T) {
		defer gls.Release()
		for i := 0; i < 8; i++ {
			i := i
			v.Set(i)
			glstest.Run(t, fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				t.Cleanup(func() { require.Equal(t, 100+i, v.Get()) })
				require.Equal(t, i, v.Get())
				v.Set(100 + i)
				runtime.Gosched()
				require.Equal(t, 100+i, v.Get())
			})
		}
	})
	require.Equal(t, -1, v.Get())
}

func TestSet(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	d := new(double)
	glstest.Set(d, v, 2)
	glstest.Set(d, v, 3)
	require.Equal(t, 3, v.Get())
	d.end()
	require.Equal(t, 1, v.Get())
	require.Empty(t, d.errors)

	glstest.Set(d, v, 4)
	gls.NewContext().Run(d.end) // in another Context
	require.Len(t, d.errors, 1)
	require.Contains(t, d.errors[0], `"v"`)
	require.Equal(t, 4, v.Get())
	gls.Release()
}

// TestSetInASubtest checks that the end of the subtest resets it, even after a
// failure by Goexit.
func TestSetInASubtest(t *testing.T) {
	glstest.CheckLeaks(t)
	v := gls.New[int]("v")
	t.Run("subtest", func(t *testing.T) {
		glstest.Set(t, v, 2)
		require.Equal(t, 2, v.Get())
	})
}

func TestCheckLeaks(t *testing.T) {
	v := gls.New[int]("v")
	for _, row := range []struct {
		name  string
		leaks bool
		do    func()
	}{
		{"nothing", false, func() {}},
		{"reset", false, func() { v.Set(1).Reset() }},
		{"ended", false, func() { inGoroutines(100, func() { v.Set(1) }) }},
		{"set before", false, func() { v.Set(1) }},
		{"blocked", true, func() {
			ready := make(chan struct{})
			go func() { v.Set(1); close(ready); <-blocked }()
			<-ready
		}},
	} {
		if row.name == "set before" {
			v.Set(0)
		}
		d := new(double)
		glstest.CheckLeaks(d)
		row.do()
		d.end()
		require.Equal(t, row.leaks, len(d.errors) > 0, "%s: %v", row.name, d.errors)
	}
	close(blocked)
	gls.Release()
}

var blocked = make(chan struct{})

// inGoroutines calls f on n goroutines one after the other.
func inGoroutines(n int, f func()) {
	for ; n > 0; n-- {
		done := make(chan struct{})
		go func() { defer close(done); f() }()
		<-done
	}
}

// TestLeakNamesWhatToDo checks that the message explains itself.
func TestLeakNamesWhatToDo(t *testing.T) {
	v := gls.New[int]("v")
	d := new(double)
	glstest.CheckLeaks(d)
	v.Set(1)
	d.end()
	gls.Release()
	require.Len(t, d.errors, 1)
	for _, text := range []string{"CheckLeaks", "1 goroutine", "reset", "spawn.Go"} {
		require.True(t, strings.Contains(d.errors[0], text), d.errors[0])
	}
}
