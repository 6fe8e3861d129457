//go:build !gls_hosted

package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/perf/benchfmt"
)

// tiny is an effort for tests: everything is measured, badly.
var tiny = effort{
	counts: 2, most: 3, rounds: 2, round: time.Microsecond,
	vars: []int{1, 8}, goroutines: []int{1, 10}, crowd: 20, deaths: 2000, requests: time.Millisecond,
	live: 1000, processes: 1, runs: 2, jobs: 40,
}

// measured returns the results of all experiments, run in this process, in raw
// form.
func measured(t *testing.T) []byte {
	t.Helper()
	var raw bytes.Buffer
	for _, c := range environment(true) {
		fmt.Fprintf(&raw, "%s: %s\n", c.Key, c.Value)
	}
	m := &meter{tiny, benchfmt.NewWriter(&raw)}
	for _, e := range experiments() {
		if err := e.run(m); err != nil {
			t.Fatalf("%s: %v", e.name, err)
		}
	}
	return raw.Bytes()
}

// TestReport measures everything, and writes and reads the report.
func TestReport(t *testing.T) {
	raw := measured(t)
	r, err := readResults(bytes.NewReader(raw), "raw.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bars() {
		if _, v := r.judge(b); v == unmeasured {
			t.Errorf("nothing was measured for %s", b.key)
		}
	}
	dir := t.TempDir()
	if err := write(dir, raw, r); err != nil {
		t.Fatal(err)
	}
	for _, p := range pictures() {
		svg := content(t, dir, p.ID+".svg")
		wellFormed(t, p.ID, svg)
		if !strings.Contains(svg, "var(--gls)") {
			t.Errorf("%s does not follow the reader's theme", p.ID)
		}
		if !strings.Contains(content(t, dir, "report.html"), svg) {
			t.Errorf("%s is not in the page", p.ID)
		}
	}
	page := content(t, dir, "report.html")
	for _, outside := range []string{"<script", "<link", "src=\"", "url("} {
		if strings.Contains(page, outside) {
			t.Errorf("the page is not self-contained: it has %s", outside)
		}
	}
	report := content(t, dir, "report.md")
	if last := report[strings.LastIndex(report, "\n## "):]; !strings.Contains(last, "The bars") || !strings.Contains(last, "goid.Get") {
		t.Error("the report does not end with the bars")
	}

	readme := filepath.Join(dir, "README.md")
	if err := os.WriteFile(readme, []byte("before\n"+beginMarker+"old\n"+endMarker+"\nafter\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := writeReadme(readme, r.readme()); err != nil {
		t.Fatal(err)
	}
	if got, want := content(t, dir, "README.md"), "before\n"+beginMarker+content(t, dir, "readme.md")+endMarker+"\nafter\n"; got != want {
		t.Errorf("README.md is %q, want %q", got, want)
	}
	if err := writeReadme(filepath.Join(dir, "report.md"), ""); err == nil {
		t.Error("a file without markers was changed")
	}
}

// TestCommittedReportIsOfTheCommittedResults: what is beside raw.txt was made
// from it, by this program.
func TestCommittedReportIsOfTheCommittedResults(t *testing.T) {
	const dir = "../results"
	raw, err := os.ReadFile(filepath.Join(dir, "raw.txt"))
	if errors.Is(err, fs.ErrNotExist) {
		if others, _ := filepath.Glob(filepath.Join(dir, "*")); others != nil {
			t.Fatalf("%v are there without raw.txt", others)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := readResults(bytes.NewReader(raw), "raw.txt")
	if err != nil {
		t.Fatal(err)
	}
	again := t.TempDir()
	if err := write(again, raw, r); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(again)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if content(t, dir, e.Name()) != content(t, again, e.Name()) {
			t.Errorf("%s is out of date; run: go -C bench/peers run . -render", e.Name())
		}
	}
}

func content(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

func wellFormed(t *testing.T, name, document string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(document))
	for {
		switch _, err := d.Token(); {
		case err == io.EOF:
			return
		case err != nil:
			t.Errorf("%s: %v", name, err)
			return
		}
	}
}
