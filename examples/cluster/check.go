package main

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/seed18162548/contextvars/examples/internal/paint"
)

// A kind is a place where an identity is left.
type kind int

const (
	inFrontLog kind = iota
	inBackLog
	inRow
	inReply
	kinds
)

// String returns the name of the place.
func (k kind) String() string {
	return [kinds]string{"log lines of the front", "log lines of the back", "rows of the back", "replies"}[k]
}

// A mark is an identity that was left somewhere on behalf of an album. The
// album is passed through the program as an argument, so it shows whose
// identity it should be.
type mark struct {
	kind  kind
	album string
	who   identity
}

// A tally counts the marks of a kind. A job is run at least once, so there may
// be more lines of the back than expected, but no more of the other marks.
type tally struct{ expected, found, right int }

func (t tally) ok(k kind) bool {
	return t.found == t.right && (t.found == t.expected || k == inBackLog && t.found > t.expected)
}

// check compares marks with the calls.
func check(calls []*call, marks []mark) (tallies [kinds]tally) {
	sent := map[string]identity{}
	for _, c := range calls {
		sent[c.album] = c.who
		tallies[inFrontLog].expected += c.pictures + 2
		tallies[inBackLog].expected += c.pictures
		tallies[inRow].expected += c.pictures
		tallies[inReply].expected += c.pictures
	}
	for _, m := range marks {
		t := &tallies[m.kind]
		t.found++
		if who, ok := sent[m.album]; ok && who == m.who {
			t.right++
		}
	}
	return tallies
}

// report prints tallies, painted by p, and reports whether all is well.
func report(w io.Writer, p paint.Painter, tallies [kinds]tally) bool {
	well := true
	fmt.Fprintf(w, "\n  %-24s %8s %8s %8s\n", "", "expected", "found", "right")
	for k, t := range tallies {
		line := fmt.Sprintf("  %-24s %8d %8d %8d", kind(k), t.expected, t.found, t.right)
		if !t.ok(kind(k)) {
			line = p.Bad(line)
		}
		fmt.Fprintln(w, line)
		well = well && t.ok(kind(k)) && t.expected > 0
	}
	if well {
		fmt.Fprintf(w, "\n%s in both processes, each names the request, the user and the trace that it is of.\n", p.Good("PASS:"))
	} else {
		fmt.Fprintln(w, "\n"+p.Bad("FAIL"))
	}
	return well
}

// pair is key=value or key="value" in a log line.
var pair = regexp.MustCompile(`([a-z_]+)=("(?:[^"\\]|\\.)*"|\S*)`)

// logMarks returns the marks in log lines about albums and pictures.
func logMarks(log string) (marks []mark) {
	for line := range strings.Lines(log) {
		f := map[string]string{}
		for _, m := range pair.FindAllStringSubmatch(line, -1) {
			f[m[1]] = m[2]
			if text, err := strconv.Unquote(m[2]); err == nil {
				f[m[1]] = text
			}
		}
		album := f["album"]
		if i := strings.LastIndexByte(f["picture"], '-'); i >= 0 {
			album = f["picture"][:i]
		}
		if album == "" {
			continue
		}
		k := inFrontLog
		if f["process"] == "back" {
			k = inBackLog
		}
		marks = append(marks, mark{k, album, identity{f["request_id"], f["user"], f["trace_id"]}})
	}
	return marks
}
