//go:build go1.24 && gc && amd64 && !race

package release_test

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A store is an instruction that writes to memory other than the stack.
type store struct {
	op   string // MOVQ, …
	file string // where the source line is, inlined functions included
}

var (
	function = regexp.MustCompile(`^\S+ STEXT`)
	stores   = regexp.MustCompile(`\(\S*?([\w]+\.go):\d+\)\t(MOV\w+|XCHG\w)\t[^,]+, -?\d*\((?:[A-DR]\w+|[SD]I)\)`)
)

// storesOf returns the stores of a function of package current as the compiler
// emits them, in the order of their addresses.
func storesOf(t *testing.T, name string) (list []store) {
	out, err := exec.Command("go", "build", "-gcflags=-S", "../current").CombinedOutput()
	require.NoError(t, err, string(out))
	in := false
	for _, line := range strings.Split(string(out), "\n") {
		if function.MatchString(line) {
			in = strings.Contains(line, "/internal/current."+name+" STEXT")
			continue
		}
		if m := stores.FindStringSubmatch(line); in && m != nil && !strings.Contains(m[0], "(R11)") { // the buffer of write barriers
			list = append(list, store{m[2], m[1]})
		}
	}
	require.NotEmpty(t, list, "%s was not found", name)
	return list
}

const plain = "release_amd64.go"

// TestStoresAreInOrder checks the order of plain stores in the compiler's
// output. x86 keeps the order if the compiler does.
func TestStoresAreInOrder(t *testing.T) {
	t.Run("Exit", func(t *testing.T) {
		// Current, then the owner, and nothing of the Context after that.
		list := storesOf(t, "Exit")
		last := len(list) - 1
		require.Equal(t, store{"MOVQ", plain}, list[last], "%v", list)
		require.Contains(t, list[:last], store{"MOVQ", plain}, "%v", list)
		require.Contains(t, list[:last], store{"MOVQ", "state.go"}, "%v", list)
	})
	t.Run("Put", func(t *testing.T) {
		// A cell is whole before it is a root.
		list := storesOf(t, "Insertion.Put")
		last := len(list) - 1
		require.Equal(t, store{"MOVQ", plain}, list[last], "%v", list)
		for _, s := range list[:last] {
			require.Equal(t, "cell.go", s.file, "%v", list)
		}
	})
	for _, name := range []string{"Exit", "Insertion.Put"} {
		for _, s := range storesOf(t, name) {
			require.True(t, s.file != plain || s.op == "MOVQ", "%s: %v is not one store of a word", name, s)
		}
	}
}
