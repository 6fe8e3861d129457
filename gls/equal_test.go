package gls_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
)

// makers has functions that return two values to compare, by name and expected
// result. The functions among these values are closures of one literal.
var (
	onePtr, otherPtr     = new(int), new(int)
	oneMap, otherMap     = map[int]int{1: 1}, map[int]int{1: 1}
	oneSlice, otherSlice = []int{1, 2, 3}, []int{1, 2, 3}
	oneChan, otherChan   = make(chan int), make(chan int)
	oneFunc, otherFunc   = closureOver(1), closureOver(1)
	uncomparable         = struct{ s []int }{oneSlice}
)

func closureOver(x int) func() int { return func() int { x++; return x } }

type (
	hasFunc  struct{ f func() }
	hasAny   struct{ x any }
	hasNaN   struct{ f float64 }
	emptyArr struct {
		x    int
		none [0]hasFunc // a struct that no == compares, without a value that says so
	}
)

// TestEqualValues binds one variable to two values by two Sets.
func TestEqualValues(t *testing.T) {
	for _, row := range []struct {
		name  string
		a, b  any
		equal bool
	}{
		{"ints", 1, 1, true},
		{"other ints", 1, 2, false},
		{"types", 1, int64(1), false},
		{"strings", "ab", fmt.Sprint("a", "b"), true},
		{"nil", nil, nil, true},
		{"nil and zero", nil, 0, false},
		{"nil and typed nil", nil, (*int)(nil), false},
		{"typed nils", (*int)(nil), (*int)(nil), true},
		{"nils of other types", (*int)(nil), (*string)(nil), false},
		{"NaN", math.NaN(), math.NaN(), false},
		{"zeros", 0.0, math.Copysign(0, -1), true},
		{"struct of NaN", hasNaN{math.NaN()}, hasNaN{math.NaN()}, false},
		{"pointer", onePtr, onePtr, true},
		{"pointers", onePtr, otherPtr, false},
		{"map", oneMap, oneMap, true},
		{"maps", oneMap, otherMap, false},
		{"nil maps", map[int]int(nil), map[int]int(nil), true},
		{"slice", oneSlice, oneSlice, true},
		{"slice, shorter", oneSlice, oneSlice[:2], false},
		{"slice, later", oneSlice[:2], oneSlice[1:], false},
		{"slice, other capacity", oneSlice[:2], oneSlice[:2:2], true},
		{"slices", oneSlice, otherSlice, false},
		{"nil and empty slice", []int(nil), []int{}, false},
		{"nil slices", []int(nil), []int(nil), true},
		{"chan", oneChan, oneChan, true},
		{"chans", oneChan, otherChan, false},
		{"chan, directions", oneChan, (<-chan int)(oneChan), false},
		{"func", oneFunc, oneFunc, true},
		{"closures of one literal", oneFunc, otherFunc, false},
		{"nil funcs", (func())(nil), (func())(nil), true},
		{"struct of slice", uncomparable, uncomparable, false},
		{"struct of func", hasFunc{nil}, hasFunc{nil}, false},
		{"struct of any", hasAny{1}, hasAny{1}, true},
		{"struct of any, uncomparable", hasAny{oneSlice}, hasAny{oneSlice}, false},
		{"struct of any, one uncomparable", hasAny{1}, hasAny{oneSlice}, false},
		{"array of any", [2]any{1, "a"}, [2]any{1, "a"}, true},
		{"array of any, uncomparable", [2]any{1, oneMap}, [2]any{1, oneMap}, false},
		{"array of func", [1]func(){}, [1]func(){}, false},
		{"pointer to uncomparable", &uncomparable, &uncomparable, true},
		{"complex NaN", complex(math.NaN(), 0), complex(math.NaN(), 0), false},
	} {
		t.Run(row.name, func(t *testing.T) {
			v := gls.New[any]("v")
			a, b := contextOf(v, row.a), contextOf(v, row.b)
			requireEqual(t, row.equal, a, b)
			requireEqual(t, true, a, a.Copy())
			require.False(t, a.Equal(gls.NewContext()), "bound and unbound")
			wa, wb := laidOutAnew(a), laidOutAnew(b)
			requireEqual(t, true, wa, wa.Copy())
			requireEqual(t, row.equal, wa, wb)
		})
	}
}

func requireEqual(t *testing.T, want bool, a, b *gls.Context) {
	t.Helper()
	require.Equal(t, want, a.Equal(b))
	require.Equal(t, want, b.Equal(a))
	require.True(t, a.Equal(a))
}

func contextOf[T any](v *gls.Var[T], x T) *gls.Context {
	c := gls.NewContext()
	c.Run(func() { v.Set(x) })
	return c
}

// fillers are enough variables to have the storage of a Context laid out anew.
var fillers = numbered(20)

// laidOutAnew returns a copy of c with twenty more bindings, which is thus
// compacted.
func laidOutAnew(c *gls.Context) *gls.Context {
	d := c.Copy()
	d.Run(func() {
		for i, v := range fillers {
			v.Set(i)
		}
	})
	return d
}

// TestTheSameBindingIsEqual checks that the identity of a binding survives
// copies, resets out of order and compaction, even for values that differ from
// themselves, and that another Set of the same value has a different one.
func TestTheSameBindingIsEqual(t *testing.T) {
	sameBinding(t, "float64", math.NaN())
	sameBinding(t, "float32", float32(math.NaN()))
	sameBinding(t, "complex", complex(math.NaN(), 0))
	sameBinding(t, "struct of NaN", hasNaN{math.NaN()})
	sameBinding(t, "array of NaN", [1]float64{math.NaN()})
	sameBinding(t, "struct of slice", uncomparable)
	sameBinding(t, "struct of func", hasFunc{})
	sameBinding(t, "struct of array of NaN", struct{ a [2]hasNaN }{[2]hasNaN{{math.NaN()}, {}}})
	sameBinding(t, "array of func", [1]func(){})
	sameBinding[any](t, "any NaN", math.NaN())
	sameBinding[any](t, "any struct", uncomparable)
	sameBinding[fmt.Stringer](t, "interface", stringerOfNaN{math.NaN()})
}

type stringerOfNaN struct{ f float64 }

func (stringerOfNaN) String() string { return "NaN" }

func sameBinding[T any](t *testing.T, name string, x T) {
	t.Run(name, func(t *testing.T) {
		v := gls.New[T]("v")
		first := gls.New[int]("first")
		c := gls.NewContext()
		c.Run(func() { first.Set(0); v.Set(x) })
		other := c.Copy()
		other.Run(func() { v.Set(x) })
		requireEqual(t, false, c, other)

		d := c
		for round := 0; round < 5; round++ {
			d = d.Copy()
			d.Run(func() {
				// In order thrice around, or once around and out of order.
				inOrder, sets := true, 3*len(fillers)
				if round%2 == 0 {
					inOrder, sets = false, len(fillers)
				}
				tokens := make([]gls.Token[int], sets)
				for i := range tokens {
					tokens[i] = fillers[i*7%len(fillers)].Set(i)
				}
				requireEqual(t, false, c, d)
				for i := range tokens {
					if inOrder {
						i = sets - 1 - i
					}
					tokens[i].Reset()
				}
			})
			requireEqual(t, true, c, d)
			requireEqual(t, false, other, d)
		}
		d.Run(func() {
			token := v.Set(x)
			requireEqual(t, false, c, d)
			first.Set(1)
			first.Set(0)
			v.Reset(token)
		})
		requireEqual(t, true, c, d)
	})
}
