package main

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// perfect returns what calls leave if all is well.
func perfect(calls []*call) (marks []mark) {
	for _, c := range calls {
		for k := range kinds {
			n := c.pictures
			if k == inFrontLog {
				n += 2
			}
			for range n {
				marks = append(marks, mark{k, c.album, c.who})
			}
		}
	}
	return marks
}

// TestCheckSeesEveryFault spoils one mark of an otherwise perfect run at a
// time.
func TestCheckSeesEveryFault(t *testing.T) {
	calls := plan(20)
	require.True(t, report(io.Discard, false, check(calls, perfect(calls))))
	require.False(t, report(io.Discard, false, check(nil, nil)), "nothing was checked")
	for _, test := range []struct {
		name  string
		spoil func(m *mark)
	}{
		{"another's request", func(m *mark) { m.who.Request = calls[1].who.Request }},
		{"another's user", func(m *mark) { m.who.User = "eve" }},
		{"another's trace", func(m *mark) { m.who.Trace = calls[1].who.Trace }},
		{"another's in all", func(m *mark) { m.who = calls[1].who }},
		{"none", func(m *mark) { m.who = identity{} }},
		{"no trace", func(m *mark) { m.who.Trace = "" }},
		{"of no call", func(m *mark) { m.album = "none" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			for k := range kinds {
				marks := perfect(calls)
				for i := range marks {
					if marks[i].kind == k {
						test.spoil(&marks[i])
						break
					}
				}
				tallies := check(calls, marks)
				require.False(t, tallies[k].ok(k), "%v", k)
				require.False(t, report(io.Discard, false, tallies))
			}
		})
	}
	for k := range kinds {
		var fewer, more []mark
		for _, m := range perfect(calls) {
			more = append(more, m)
			if m.kind != k {
				fewer = append(fewer, m)
			}
		}
		require.False(t, report(io.Discard, false, check(calls, fewer)), "%v lost", k)
		more = append(more, mark{k, calls[0].album, calls[0].who})
		require.Equal(t, k == inBackLog, report(io.Discard, false, check(calls, more)), "%v twice", k)
	}
}

func TestLogMarks(t *testing.T) {
	require.Equal(t, []mark{
		{inFrontLog, "rome", identity{"r", "ann b", "t"}},
		{inBackLog, "new-york", identity{"r", "", "t"}},
	}, logMarks(`time=x level=INFO msg=resizing process=front album=rome pictures=2 request_id=r user="ann b" trace_id=t
time=x level=INFO msg=resized process=back picture=new-york-01 try=1 request_id=r trace_id=t
time=x level=WARN msg=queue process=back error="nats: no responders"
`))
}

// Only the rows of what is lost are painted red.
func TestReportIsPainted(t *testing.T) {
	calls := plan(20)
	var fewer []mark
	for _, m := range perfect(calls) {
		if m.kind != inRow {
			fewer = append(fewer, m)
		}
	}
	var out strings.Builder
	require.False(t, report(&out, true, check(calls, fewer)))
	require.Equal(t, 2, strings.Count(out.String(), "\x1b[0m"), "a row and the verdict: %s", &out)
	require.Regexp(t, `(?m)^\x1b\[1;31m  `+inRow.String()+" ", out.String())
}
