package glsfasthttp_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsfasthttp"
)

type name string

type account struct {
	Name   name
	Tags   []string
	Raw    []byte
	Extra  map[string]any
	Nested struct{ Pair [2]string }
	Any    any
	Number int
	Next   *account
	hidden string
}

func TestCopy(t *testing.T) {
	buffer := []byte("ann")
	a := account{Name: "ann", Tags: []string{"a"}, Raw: buffer, Extra: map[string]any{"k": []byte("v")}, Any: buffer, Number: 1, Next: &account{}, hidden: "h"}
	b := glsfasthttp.Copy(a)
	require.Equal(t, a, b)
	require.Same(t, a.Next, b.Next, "pointers are not followed")
	a.Tags[0], buffer[0], a.Extra["k"].([]byte)[0] = "changed", 'X', 'X'
	require.Equal(t, account{Name: "ann", Tags: []string{"a"}, Raw: []byte("ann"), Extra: map[string]any{"k": []byte("v")}, Any: []byte("ann"), Number: 1, Next: a.Next, hidden: "h"}, b)

	for _, x := range []any{nil, 1, "", []byte(nil), []string(nil), map[string]int(nil), [2]string{"a", "b"}, (*account)(nil), name("n"), func() {}} {
		if reflect.TypeOf(x) != nil && reflect.TypeOf(x).Kind() == reflect.Func {
			require.NotNil(t, glsfasthttp.Copy(x))
			continue
		}
		require.Equal(t, x, glsfasthttp.Copy(x))
	}
}
