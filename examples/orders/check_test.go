package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCheckSeesEveryFault spoils one mark of an otherwise perfect run at a
// time.
func TestCheckSeesEveryFault(t *testing.T) {
	calls := plan(50, "PO-")
	perfect := func() []mark {
		var marks []mark
		for _, c := range calls {
			for k, n := range c.leaves() {
				for range n {
					marks = append(marks, mark{kind(k), c.po, c.who})
				}
			}
		}
		return marks
	}
	for _, sum := range check(calls, perfect()) {
		require.True(t, sum.ok(), "%v", sum)
		require.NotZero(t, sum.expected, "%v: nothing is checked", sum.kind)
	}

	for _, test := range []struct {
		name           string
		spoil          func(m *mark)
		wrong, missing int
	}{
		{"another's request", func(m *mark) { m.who.Request = "req-999" }, 1, 0},
		{"another's user", func(m *mark) { m.who.User = "eve" }, 1, 0},
		{"another's trace", func(m *mark) { m.who.Trace = calls[1].who.Trace }, 1, 0},
		{"another's in all", func(m *mark) { m.who = calls[1].who }, 1, 0},
		{"another's in part", func(m *mark) { m.who = identity{User: "eve"} }, 1, 0},
		{"none", func(m *mark) { m.who = identity{} }, 0, 1},
		{"no request", func(m *mark) { m.who.Request = "" }, 0, 1},
		{"no user", func(m *mark) { m.who.User = "" }, 0, 1},
		{"no trace", func(m *mark) { m.who.Trace = "" }, 0, 1},
		{"of no call", func(m *mark) { m.po = "PO-999" }, 1, 0},
		{"of no call, with no identity", func(m *mark) { m.po, m.who = "", identity{} }, 0, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			for k := kind(0); k < kinds; k++ {
				marks := perfect()
				for i := range marks {
					if marks[i].kind == k {
						test.spoil(&marks[i])
						break
					}
				}
				for _, sum := range check(calls, marks) {
					require.Equal(t, sum.kind != k, sum.ok(), "%v", sum)
					if sum.kind == k {
						require.Equal(t, test.wrong, sum.wrong, "%v", sum)
						require.Equal(t, test.missing, sum.missing, "%v", sum)
					}
				}
			}
		})
	}

	t.Run("lost and surplus", func(t *testing.T) {
		marks := perfect()
		require.False(t, check(calls, marks[1:])[marks[0].kind].ok())
		require.False(t, check(calls, append(marks, marks[0]))[marks[0].kind].ok())
	})
}

// TestVerdict checks what is said, and answered, of runs that are not perfect.
func TestVerdict(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(r *report)
		says  string
	}{
		{"perfect", func(*report) {}, "PASS: all 3 bear"},
		{"a connection closed early", func(r *report) { r.calls[1].got.reused = false }, "PASS"},
		{"bindings left", func(r *report) { r.live = 1 }, "FAIL: goroutines still hold bindings."},
		{"a request that left a binding", func(r *report) { r.leaky = 1 }, "FAIL: requests left bindings."},
		{"no connection used again", func(r *report) {
			for _, c := range r.calls {
				c.got.reused = false
			}
		}, "FAIL: too few connections were used again."},
		{"one missing", func(r *report) { r.tallies[0] = tally{expected: 3, found: 3, right: 2, missing: 1} },
			"FAIL: 2 are right, of 3 found and 3 expected."},
		{"one missing, plain", func(r *report) { r.plain, r.tallies[0] = true, tally{expected: 3, found: 3, right: 2, missing: 1} },
			"FAIL: 1 of 3 do not say whose they are; none names another's request."},
		{"one wrong, plain", func(r *report) { r.plain, r.tallies[0] = true, tally{expected: 3, found: 3, right: 2, wrong: 1} },
			"FAIL: 2 are right, of 3 found and 3 expected."},
		{"one lost", func(r *report) { r.tallies[0] = tally{expected: 3, found: 2, right: 2} },
			"FAIL: 2 are right, of 2 found and 3 expected."},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &report{calls: plan(requests, "PO-"), tallies: []tally{{expected: 3, found: 3, right: 3}}}
			for _, c := range r.calls[connections:] {
				c.got.reused = true
			}
			test.spoil(r)
			var out strings.Builder
			r.print(&out, false)
			require.Contains(t, out.String(), "\n"+test.says)
			require.Equal(t, strings.HasPrefix(test.says, "PASS"), r.ok())
		})
	}
}

func TestFields(t *testing.T) {
	require.Equal(t, map[string]string{
		"msg":   `say "a=b" twice`,
		"po":    "PO-1",
		"empty": "",
		"last":  "x",
	}, fields(`msg="say \"a=b\" twice" po=PO-1 empty= last=x`))
	require.Empty(t, fields("no pairs here"))
}

func TestLogMarks(t *testing.T) {
	who := identity{"r", "u", "t"}
	require.Equal(t, []mark{
		{inLogOfLookup, "PO-1", who},
		{inLogOfLookup, "PO-1", identity{}},
		{inLogOfSupply, "PO-1", who},
		{inLogOfSupply, "PO-1", who},
		{inLogOfRequest, "PO-2", who},
		{inLogOfRequest, "PO-3", who},
	}, logMarks([]string{
		`level=INFO msg=price po=PO-1 supplier=west cents=1 request_id=r user=u trace_id=t`,
		`level=WARN msg="no price" po=PO-1 supplier=west error="west: none [request_id=r user=u trace_id=t]"`,
		`level=INFO msg=quoted po=PO-1 supplier=west cents=1 request_id=r user=u trace_id=t`,
		`level=WARN msg="not quoted" po=PO-1 supplier=west error="none [request_id=r user=u trace_id=t]" request_id=r user=u trace_id=t`,
		`level=WARN msg="slow statement" duration=1s query="SELECT 1" request_id=r user=u trace_id=t`,
		`level=INFO msg=placed po=PO-2 supplier=west cents=1 request_id=r user=u trace_id=t`,
		`level=INFO msg=request method=PUT path=/orders/PO-3 status=201 request_id=r user=u trace_id=t`,
	}))
}
