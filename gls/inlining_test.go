//go:build !race && !gls_hosted

package gls_test

import (
	"os/exec"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/internal/target"
)

// TestInlining checks that the compiler inlines the small functions in a Get
// and a Set, on which their costs depend.
func TestInlining(t *testing.T) {
	cmd := exec.Command("go", "build", "-gcflags=-m", "./...", "../internal/...")
	cmd.Env = target.Env()
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	functions := []string{
		`registry\.shardOf|shardOf`, `hash`, `\(\*table\)\.home`, `\(\*Scope\)\.SetRoot`, `\(\*State\)\.Current`, `\(\*State\)\.ID`,
		`gls\.\(\*Var\[go\.shape\..*\]\)\.Get`, `gls\.\(\*Var\[.*\]\)\.Lookup`, `gls\.\(\*Var\[.*\]\)\.GetOr`,
		`FastID`, `\(\*Cell\)\.Key`, `\(\*Cell\)\.Used`, `asTrie`,
	}
	if !target.Is32Bit() { // where atomic operations of 64 bits are calls
		functions = append(functions, `\(\*Scope\)\.Owner`, `\(\*Context\)\.TryEnter`)
	}
	for _, f := range functions {
		re := regexp.MustCompile(`can inline (` + f + `)(\n| |$)`)
		require.True(t, re.Match(out), "the compiler does not inline %s", f)
	}
}
