package gls_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
)

type holdsFunc struct{ f func() }

// TestEqualNeverPanics compares values that claim to be comparable although
// their types are not.
func TestEqualNeverPanics(t *testing.T) {
	type strict struct {
		_ [0]holdsFunc
		x int
	}
	equalOfTwoSets(t, strict{x: 1})
	equalOfTwoSets(t, [0]holdsFunc{})
	equalOfTwoSets(t, [0][2]func(){})
	equalOfTwoSets(t, [1]strict{})
	equalOfTwoSets[any](t, strict{x: 1})
	require.False(t, gls.NewContext().Equal(nil))
}

func equalOfTwoSets[T any](t *testing.T, x T) {
	t.Helper()
	v := gls.New[T]("v")
	a, b := gls.NewContext(), gls.NewContext()
	a.Run(func() { v.Set(x) })
	b.Run(func() { v.Set(x) })
	require.False(t, a.Equal(b))
	require.True(t, a.Equal(a.Copy()))
}

// TestIdentitySurvivesANewLayout copies the binding of v by a reset out of
// order.
func TestIdentitySurvivesANewLayout(t *testing.T) {
	v, a, b := gls.New[[0]func()]("v"), gls.New[int]("a"), gls.New[int]("b")
	c := gls.NewContext()
	var d *gls.Context
	c.Run(func() {
		first := a.Set(1)
		v.Set([0]func(){})
		d = gls.CopyContext()
		d.Run(func() { b.Set(1) })
		b.Set(1)
		first.Reset()
		a.Set(1)
	})
	require.True(t, c.Equal(d))
}

func TestRunFromNil(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	gls.RunFrom(nil, func() { require.Zero(t, v.Get()) }) //nolint:staticcheck // what a nil context gets
	gls.RunFrom(context.Background(), func() { require.Zero(t, v.Get()) })
}

// aligned has a value that 32-bit ports align to 8 bytes, twice their pointers.
type aligned struct {
	_ [0]atomic.Int64
	n int64
}

// TestDeepMapsOfAlignedValues checks that the pointer in front of a cell is at
// the expected place and that the garbage collector sees it.
func TestDeepMapsOfAlignedValues(t *testing.T) {
	vars := make([]*gls.Var[aligned], 40)
	for i := range vars {
		vars[i] = gls.New[aligned]("v")
	}
	gls.NewContext().Run(func() {
		for i, v := range vars {
			v.Set(aligned{n: int64(i)})
			runtime.GC()
		}
		for i, v := range vars {
			require.EqualValues(t, i, v.Get().n)
		}
	})
}
