package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/examples/internal/paint"
)

// Numbers of what is wrong and missing are painted if they are not zero, and
// nothing is where nobody sees colours.
func TestReportIsPainted(t *testing.T) {
	p := paint.Painter(true)
	r := report{plain: true, tallies: []tally{{kind: 0, expected: 9, found: 9, right: 4, wrong: 2, missing: 3}, {kind: 1}}}
	text := func(p paint.Painter) string {
		var w bytes.Buffer
		r.print(&w, p)
		return w.String()
	}
	painted := text(p)
	require.Equal(t, 2, strings.Count(painted, p.Bad("        2")), "in its row, and in the total")
	require.Equal(t, 2, strings.Count(painted, p.Warn("        3")))
	require.Contains(t, painted, p.Bad("FAIL:"))
	require.Equal(t, 5, strings.Count(painted, "\x1b[0m"))
	require.NotContains(t, text(false), "\x1b")
}
