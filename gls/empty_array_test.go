package gls_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
)

// TestEqualOfEmptyArrays compares empty arrays of incomparable elements, which
// reflect considers comparable although == panics.
func TestEqualOfEmptyArrays(t *testing.T) {
	type element struct{ f func() }
	type holder struct{ none [0]element }
	require.NotPanics(t, func() {
		v := gls.New[any]("v")
		for _, x := range []any{[0]element{}, holder{}, [1]holder{}, struct{ x any }{[0]element{}}} {
			a, b := contextOf(v, x), contextOf(v, x)
			requireEqual(t, false, a, b)
			requireEqual(t, true, a, a.Copy())
		}
	})
}

// TestEmptyArraysEqualThemselves checks that the binding of an empty array of
// functions, which is not comparable, carries an identity.
func TestEmptyArraysEqualThemselves(t *testing.T) {
	sameBinding(t, "array", [0]func(){})
}
