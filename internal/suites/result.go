package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"sort"
	"strings"
)

// results are the outcomes of a package's top-level tests, by name: "pass",
// "fail" or "skip".
type results map[string]string

// test runs the tests of s in t, except those to skip, and returns the results
// and the output of failures.
func (t *tree) test(s suite, skip []string, short bool) (results, string, error) {
	args := []string{"test", "-json", "-vet=off", "-count=1", "-timeout=30m"}
	if short {
		args = append(args, "-short")
	}
	if s.tests != "" {
		args = append(args, "-run", s.tests)
	} else {
		args = append(args, "-run", "^Test")
	}
	if len(skip) > 0 {
		args = append(args, "-skip", "^("+strings.Join(skip, "|")+")$")
	}
	cmd := exec.Command(t.goCommand(), append(args, s.pkg)...)
	cmd.Dir = t.root + "/src"
	cmd.Env = t.env()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	got := make(results)
	var text strings.Builder
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var event struct{ Action, Test, Output string }
		if json.Unmarshal(lines.Bytes(), &event) != nil {
			continue
		}
		text.WriteString(event.Output)
		if event.Test == "" || strings.Contains(event.Test, "/") {
			continue
		}
		switch event.Action {
		case "pass", "fail", "skip":
			got[event.Test] = event.Action
		}
	}
	if len(got) == 0 {
		return nil, "", fmt.Errorf("no test of %s ran: %w\n%s%s", s.pkg, err, &stderr, tail(text.String()))
	}
	return got, failures(text.String()), nil
}

// again runs the tests that failed once more, if they are few: some of the Go
// tree's tests fail now and then on a busy machine, even without the library.
func (t *tree) again(s suite, short bool, got results, said string) (results, string, error) {
	const few = 5
	var failed []string
	for test, result := range got {
		if result == "fail" {
			failed = append(failed, test)
		}
	}
	if len(failed) == 0 || len(failed) > few {
		return got, said, nil
	}
	s.tests = "^(" + strings.Join(failed, "|") + ")$"
	second, said, err := t.test(s, nil, short)
	if err != nil {
		return nil, "", err
	}
	for test, result := range second {
		got[test] = result
	}
	return got, said, nil
}

// tail returns the end of a long text.
func tail(s string) string {
	const most = 4000
	if len(s) > most {
		s = s[len(s)-most:]
	}
	return s
}

// failures returns the output of a run from its first failure on, if that is
// not too long.
func failures(s string) string {
	const most = 3000
	at := len(s)
	for _, sign := range []string{"--- FAIL", "\npanic: ", "fatal error: ", "[build failed]"} {
		if i := strings.Index(s, sign); i >= 0 && i < at {
			at = i
		}
	}
	if at -= most / 2; at < 0 {
		at = 0
	}
	if s = s[at:]; len(s) > most {
		s = s[:most]
	}
	return s
}

// A row is the result of one suite with one config.
type row struct {
	suite, config string
	ran, passed   int
	differ        map[string][]string // tests that differ by design, by reason
	wrong         []string            // and those that should not
}

// reasons returns the reasons in order.
func (r row) reasons() (list []string) {
	for reason := range r.differ {
		list = append(list, reason)
	}
	sort.Strings(list)
	return list
}

// few returns the first tests of a list, and the number of the others.
func few(tests []string) string {
	const most = 10
	if len(tests) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(tests[:most], " "), len(tests)-most)
	}
	return strings.Join(tests, " ")
}

// compare returns the row of c. said is the output of its failures.
func compare(s suite, c config, plain, got results, said string) row {
	r := row{suite: s.name, config: c.name, differ: make(map[string][]string)}
	for test, before := range plain {
		if before != "pass" {
			continue // it does not pass on this machine, or is skipped there
		}
		r.ran++
		switch reason, ok := c.differs[test]; {
		case got[test] == "pass":
			r.passed++
		case ok:
			r.differ[reason] = append(r.differ[reason], test)
		default:
			r.wrong = append(r.wrong, test)
		}
	}
	for _, tests := range r.differ {
		sort.Strings(tests)
	}
	sort.Strings(r.wrong)
	fmt.Printf("%-20s %-50s %d of %d pass", r.suite, r.config, r.passed, r.ran)
	fmt.Println()
	if len(r.wrong) > 0 {
		fmt.Printf("wrong: %s\n%s\n", few(r.wrong), said)
	}
	return r
}

// A report is the rows of all releases.
type report struct {
	releases []string
	rows     map[string][]row
}

func (r *report) add(release string, rows []row) {
	if r.rows == nil {
		r.rows = make(map[string][]row)
	}
	if r.rows[release] == nil {
		r.releases = append(r.releases, release)
	}
	r.rows[release] = append(r.rows[release], rows...)
}

// err returns the unexpected results as an error.
func (r *report) err() error {
	var wrong []error
	for _, release := range r.releases {
		for _, row := range r.rows[release] {
			if len(row.wrong) > 0 {
				wrong = append(wrong, fmt.Errorf("%s, %s with %s: %s", release, row.suite, row.config, few(row.wrong)))
			}
		}
	}
	return errors.Join(wrong...)
}

const preface = `# The Go tree's own tests

` + "`make suites`" + ` generates this page. It runs the tests of the Go tree, and those of errgroup, with
this library: functions that the library has too are replaced with the library's, and a hook puts
the adapters around every handler, client, connector and logger that the tests make. "Run" counts
the tests that pass without the library on the machine that made this page.
`

func (r *report) markdown() string {
	var b strings.Builder
	b.WriteString(preface)
	for _, release := range r.releases {
		fmt.Fprintf(&b, "\n## %s\n\n| tests | with | run | pass | differ by design |\n|---|---|---|---|---|\n", release)
		for _, row := range r.rows[release] {
			why := ""
			for i, reason := range row.reasons() {
				if i > 0 {
					why += "; "
				}
				why += fmt.Sprintf("%d: %s (%s)", len(row.differ[reason]), reason, strings.Join(row.differ[reason], ", "))
			}
			fmt.Fprintf(&b, "| %s | %s | %d | %d | %s |\n", row.suite, row.config, row.ran, row.passed, why)
		}
	}
	return b.String()
}
