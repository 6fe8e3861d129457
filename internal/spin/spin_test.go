package spin

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// clean is what pan prints, shortened, after a whole search without an error.
const clean = `State-vector 104 byte, depth reached 13782, errors: 0
   763211 states, stored
unreached in proctype runs
	(0 of 1101 states)
`

func TestVerdictOfACorrectModel(t *testing.T) {
	for _, row := range []struct {
		name, report, err string
	}{
		{"complete", clean, ""},
		{"violated", "pan:1: assertion violated (x==y) (at depth 8)\n" + clean, "an error was found"},
		{"deadlock", "pan:1: invalid end state (at depth 8)\n" + clean, "an error was found"},
		{"too deep", "error: max search depth too small\n" + clean, "not complete"},
		{"too large", "pan: reached -DMEMLIM bound\n" + clean, "not complete"},
		{"dead code", clean + "\tregistry.pml:502, state 1085, \"x = 0\"\n", "never reached"},
		{"no report", "", "not understood"},
	} {
		t.Run(row.name, func(t *testing.T) {
			line, err := Run{}.judge(row.report)
			if row.err != "" {
				require.ErrorContains(t, err, row.err)
				return
			}
			require.NoError(t, err)
			require.Contains(t, line, "763211 states")
		})
	}
}

func TestVerdictOfAFault(t *testing.T) {
	fault := Run{Violates: regexp.MustCompile(`^assertion violated \(x==y\)$`)}
	for _, row := range []struct {
		name, report, err string
	}{
		{"found", "pan:1: assertion violated (x==y) (at depth 8)\n" + clean, ""},
		{"not found", clean, "not found"},
		{"found by another assertion", "pan:1: assertion violated (x==z) (at depth 8)\n" + clean, "otherwise than expected"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := fault.judge(row.report)
			if row.err != "" {
				require.ErrorContains(t, err, row.err)
				return
			}
			require.NoError(t, err)
		})
	}
}
