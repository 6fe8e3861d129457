package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The program in testdata/lifetime starts goroutines in the ways that services
// do, on behalf of ann. By the default policy those whose name ends in "+" are
// hers, and no other: they outlive her request.
func TestLifetime(t *testing.T) {
	b := box(t, "-- go.mod --\nmodule example.com/lives\n\ngo 1.25\n\n$REQUIRE\n")
	names := map[string]bool{}
	says := regexp.MustCompile(`seen\.Says\("([^"]*)"\)`)
	err := filepath.WalkDir(filepath.Join("testdata", "lifetime"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, m := range says.FindAllStringSubmatch(string(text), -1) {
			names[m[1]] = true
		}
		b.Write(strings.TrimPrefix(name, filepath.Join("testdata", "lifetime")), string(text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := mustGls(t, b, "run", ".", strconv.Itoa(len(names)))
	hers, others := 0, 0
	for _, line := range strings.Split(strings.TrimSpace(stdout), "\n") {
		name, user, _ := strings.Cut(line, "\t")
		if !names[name] {
			t.Errorf("%q is not in the sources, or came twice", name)
		}
		delete(names, name)
		want := "-"
		if strings.HasSuffix(name, "+") {
			want = "ann"
			hers++
		} else {
			others++
		}
		if user != want {
			t.Errorf("%s: it has the identity %s, not %s", name, user, want)
		}
	}
	for name := range names {
		t.Errorf("%s: it was not started", name)
	}
	if hers < 80 || others < 120 {
		t.Errorf("%d goroutines should inherit, and %d should not: too few\n%s", hers, others, stderr)
	}
}
