package main

import (
	"fmt"
	"go/format"
	"math/rand"
	"regexp"
	"strings"
	"testing"
)

// A program prints the same as it is, in an overlay and after fix, except for
// what its goroutines inherit. Fix keeps its comments and whether gofmt would
// leave it, and a second fix finds nothing to do.
func FuzzStatements(f *testing.F) {
	for seed := int64(1); seed <= 3; seed++ {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed int64) {
		o := &odd{Rand: rand.New(rand.NewSource(seed))}
		text := o.program(40)
		b := box(t, "-- go.mod --\nmodule example.com/odd\n\ngo "+o.one("1.21", "1.22", "1.25")+"\n\n$REQUIRE\n")
		b.Write("main.go", text)
		want, stderr, status := b.Exec("go", "run", ".")
		if status != 0 {
			t.Fatalf("%s\n%s", stderr, numbered(text))
		}
		if !strings.HasPrefix(stderr, "0 of ") {
			t.Errorf("before, %s inherit", stderr)
		}

		got, stderr := mustGls(t, b, "run", "-policy=all", ".")
		compareOdd(t, "in the overlay", want, got, text)
		wantInherited(t, "in the overlay", stderr, 0, text)

		stdout, stderr, exit := gls(t, b, "fix", "-policy=all", ".")
		if exit != 0 {
			t.Fatalf("fix says\n%s\nof\n%s", stderr, numbered(text))
		}
		fixed := b.Read("main.go")
		left := strings.Count(stdout, ": left: comments in it would be torn")
		if strings.Count(stdout, ": left: ") != left {
			t.Errorf("fix says\n%s", stdout)
		}
		b.Go("vet", "./...")
		got, stderr, exit = b.Exec("go", "run", ".")
		if exit != 0 {
			t.Fatalf("%s\n%s", stderr, numbered(fixed))
		}
		compareOdd(t, "after fix", want, got, fixed)
		wantInherited(t, "after fix", stderr, 3*left, fixed)
		for _, c := range comment.FindAllString(text, -1) {
			if strings.Count(fixed, c) != 1 {
				t.Errorf("%s is there %d times in\n%s", c, strings.Count(fixed, c), numbered(fixed))
			}
		}
		if isFormatted(text) && !isFormatted(fixed) {
			t.Errorf("gofmt would change\n%s", numbered(fixed))
		}
		if crlf := "\r\n"; strings.Contains(text, crlf) && strings.Count(fixed, "\n") != strings.Count(fixed, crlf) {
			t.Errorf("there are other ends of lines in\n%q", fixed)
		}
		stdout, _ = mustGls(t, b, "fix", "-policy=all", ".")
		if b.Read("main.go") != fixed {
			t.Errorf("a second fix changes it: %s", stdout)
		}
	})
}

// comment matches the comments that stand in go statements.
var comment = regexp.MustCompile(`comment \d+\.`)

func isFormatted(text string) bool {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	out, err := format.Source([]byte(text))
	return err == nil && string(out) == text
}

func numbered(text string) string {
	var b strings.Builder
	for i, l := range strings.Split(text, "\n") {
		fmt.Fprintf(&b, "%4d %s\n", i+1, l)
	}
	return b.String()
}

func compareOdd(t *testing.T, when, want, got, text string) {
	t.Helper()
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	where := ""
	for i := range w {
		if strings.HasPrefix(w[i], "case") {
			where = w[i]
		}
		if i >= len(g) || g[i] != w[i] {
			t.Fatalf("%s, in %s, it prints\n%s\nnot\n%s\nof\n%s", when, where, strings.Join(g[i:min(i+5, len(g))], "\n"), w[i], numbered(text))
		}
	}
}

// wantInherited checks that all goroutines inherit but those of statements that
// were left, which may run several times.
func wantInherited(t *testing.T, when, stderr string, left int, text string) {
	t.Helper()
	var inherited, started int
	last := strings.TrimSpace(stderr)
	last = last[strings.LastIndexByte(last, '\n')+1:]
	if _, err := fmt.Sscanf(last, "%d of %d", &inherited, &started); err != nil || inherited < started-left || started == 0 {
		t.Errorf("%s, %s inherit: %v\n%s", when, last, err, numbered(text))
	}
}
