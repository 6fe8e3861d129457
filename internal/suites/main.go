// Suites runs the Go tree's own tests, and those of errgroup, against this
// library.
//
//	go run ./internal/suites [-short] [-go go1.27.4] [-o docs/suites.md] [suite ...]
//
// It copies the tree of a release to a temporary folder, puts the library into
// it as packages of the standard library, and edits the copy: tests of
// functions that the library has too call the library's, and a hook in
// net/http, database/sql and log/slog puts the library's adapter around every
// handler, transport, connector and logger that the tests make. The copy is
// removed afterwards.
//
// Every suite runs twice, without the edit and with it. A test that passes
// without it and does not pass with it is an error, unless suite.go gives a
// reason.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	short := flag.Bool("short", false, "pass -short to the tests, and leave net/http out")
	releases := flag.String("go", "local", "releases whose trees are used, separated by commas")
	out := flag.String("o", "", "a Markdown file to write the results to")
	flag.Parse()
	if err := run(strings.Split(*releases, ","), flag.Args(), *short, *out); err != nil {
		fmt.Fprintln(os.Stderr, "suites:", err)
		os.Exit(1)
	}
}

func run(releases, names []string, short bool, out string) error {
	scratch, err := os.MkdirTemp("", "suites")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	var rep report
	for i, release := range releases {
		t, err := newTree(filepath.Join(scratch, fmt.Sprint(i)), release)
		if err != nil {
			return err
		}
		for _, s := range suites {
			if !chosen(s, names, short) {
				continue
			}
			rows, err := s.run(t, short)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", release, s.name, err)
			}
			rep.add(t.version, rows)
		}
	}
	if out != "" {
		if err := os.WriteFile(out, []byte(rep.markdown()), 0o666); err != nil {
			return err
		}
	}
	return rep.err()
}

// chosen reports whether s is to run. If no suite is named, all run, except for
// slow ones in a short run.
func chosen(s suite, names []string, short bool) bool {
	for _, name := range names {
		if s.name == name {
			return true
		}
	}
	return len(names) == 0 && !(short && s.long)
}
