// Migrate tries gls on real programs. It copies public modules out of the
// module cache, runs their tests, runs gls fix -policy all on the copy, runs
// the tests again, and then gls test -policy all on a clean copy. It fails if a
// go statement is neither rewritten nor listed, or if a test that passed before
// does not pass afterwards. What failed before is listed and does not count.
// Then it builds other programs, and runs their tests, with dependencies that
// start goroutines rewritten too.
//
// Run it in the folder of cmd/gls; -h shows its flags.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// programs are what is tried, the smallest first.
var programs = []string{
	"github.com/prometheus/statsd_exporter@v0.31.0", // has no context.Context
	"github.com/miekg/dns@v1.1.73",
	"github.com/tsenart/vegeta/v12@v12.12.0",
	"github.com/gliderlabs/ssh@v0.3.8",         // its go.mod says 1.17
	"github.com/alicebob/miniredis/v2@v2.40.0", // so does that
	"github.com/mochi-mqtt/server/v2@v2.7.9",
}

func main() {
	var (
		race  = flag.Bool("race", false, "run the tests with -race too")
		small = flag.Bool("small", false, "try the smallest program only")
		only  = flag.String("only", "", "try the programs whose path contains `TEXT` only")
		deps  = flag.String("deps", "with", "try rewritten dependencies `with` the rest, only, or not")
	)
	flag.Parse()
	wanted := func(program string) bool { return strings.Contains(program, *only) }
	with := withDeps
	if *small {
		programs, with = programs[:1], nil
	}
	switch *deps {
	case "only":
		programs = nil
	case "not":
		with = nil
	}
	if err := run(programs, with, wanted, *race); err != nil {
		fmt.Fprintln(os.Stderr, "migrate:", err)
		os.Exit(1)
	}
}

func run(programs []string, with []dependent, wanted func(string) bool, race bool) error {
	dir, err := os.MkdirTemp("", "gls-migrate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	tool, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return err
	}
	c := checker{gls: filepath.Join(dir, "gls"), library: tool, work: dir}
	if out, err := exec.Command("go", "build", "-o", c.gls, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("building gls: %w\n%s", err, out)
	}
	modes := [][]string{nil}
	if race {
		modes = append(modes, []string{"-race"})
	}
	var rows []string
	failed := 0
	for _, program := range programs {
		if !wanted(program) {
			continue
		}
		for _, flags := range modes {
			r, err := c.check(program, flags)
			if err != nil {
				return fmt.Errorf("%s: %w", program, err)
			}
			rows = append(rows, r.row())
			failed += len(r.broken)
		}
	}
	var depRows []string
	for _, d := range with {
		if !wanted(d.program) {
			continue
		}
		r, err := c.checkDeps(d)
		if err != nil {
			return fmt.Errorf("%s with -deps: %w", d.program, err)
		}
		depRows = append(depRows, r.depRow(d))
		failed += len(r.broken)
	}
	if len(rows) > 0 {
		fmt.Print("\n| program | mode | go statements | become spawn.Go | left, with reason | by default | lines of the diff | gls fix | memory | tests before | after gls fix | with gls test | failed before | tests before, after, overlay |\n" +
			"|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	}
	for _, r := range rows {
		fmt.Println(r)
	}
	if len(depRows) > 0 {
		fmt.Print("\n| program | -deps | statements of its own | of the dependencies | go build | first gls build | second | memory | tests before | with gls test -deps | failed before |\n" +
			"|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	}
	for _, r := range depRows {
		fmt.Println(r)
	}
	if failed > 0 {
		return fmt.Errorf("%d tests that passed before do not pass afterwards", failed)
	}
	return nil
}

// A checker tries one program after the other.
type checker struct {
	gls, library, work string
}

// A result is what became of one program in one mode.
type result struct {
	program, mode                      string
	statements, rewritten, left        int
	byDefault                          int   // become spawn.Go by the default policy
	added, removed                     int   // lines of Go, of the diff
	memory                             int64 // bytes, the most that gls fix or what it starts held
	before, fixed, overlaid            tests
	fixTime                            time.Duration
	beforeTime, fixedTime, overlayTime time.Duration
	broken                             []string
}

func (r *result) row() string {
	return fmt.Sprintf("| %s | %s | %d | %d | %d | %d | +%d −%d | %s | %s | %d | %d | %d | %d | %s, %s, %s |",
		r.program, r.mode, r.statements, r.rewritten, r.left, r.byDefault, r.added, r.removed, seconds(r.fixTime), megabytes(r.memory),
		r.before.count("pass"), r.fixed.count("pass"), r.overlaid.count("pass"), r.before.count("fail"),
		seconds(r.beforeTime), seconds(r.fixedTime), seconds(r.overlayTime))
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func megabytes(n int64) string { return fmt.Sprintf("%d MB", n>>20) }

// becomes matches the row of gls fix for what becomes spawn.Go.
var becomes = regexp.MustCompile(`(?m)^ *(\d+)  become spawn\.Go$`)

func (c *checker) check(program string, flags []string) (*result, error) {
	r := &result{program: program, mode: "plain"}
	if len(flags) > 0 {
		r.mode = strings.Join(flags, " ")
	}
	fmt.Printf("== %s, %s\n", program, r.mode)
	source, err := download(program)
	if err != nil {
		return nil, err
	}
	clean, fixed := filepath.Join(c.work, "clean"), filepath.Join(c.work, "fixed")
	for _, dir := range []string{clean, fixed} {
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
		if err := copyTree(source, dir); err != nil {
			return nil, err
		}
	}

	args := append(append([]string{"test"}, flags...), "-json", "./...")
	r.before, r.beforeTime, err = runTests(clean, "go", args...)
	if err != nil {
		return nil, err
	}
	for _, name := range r.before.named("fail") {
		fmt.Println("failed before:", name)
	}
	if r.statements, err = countGo(clean); err != nil {
		return nil, err
	}

	out, err := command(clean, c.gls, "fix", "-diff", "-raise-go", "-lib", c.library, "./...").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("gls fix -diff: %w\n%s", err, out)
	}
	if m := becomes.FindSubmatch(out); m != nil {
		r.byDefault, _ = strconv.Atoi(string(m[1]))
	}
	start := time.Now()
	cmd := command(fixed, c.gls, "fix", "-policy", "all", "-raise-go", "-lib", c.library, "./...")
	out, err = cmd.CombinedOutput()
	r.fixTime, r.memory = time.Since(start), peak(cmd.ProcessState)
	fmt.Printf("%s", out)
	if err != nil {
		return nil, fmt.Errorf("gls fix: %w", err)
	}
	remaining, err := countGo(fixed)
	if err != nil {
		return nil, err
	}
	r.left = strings.Count(string(out), ": left: ")
	r.rewritten = r.statements - remaining
	if remaining != r.left {
		return nil, fmt.Errorf("%d go statements remain, but %d are listed", remaining, r.left)
	}
	if r.added, r.removed, err = diffLines(clean, fixed); err != nil {
		return nil, err
	}
	if r.fixed, r.fixedTime, err = runTests(fixed, "go", args...); err != nil {
		return nil, err
	}
	if err := r.compare("after gls fix", r.fixed, fixed, "go", args); err != nil {
		return nil, err
	}

	args = append([]string{"test", "-policy", "all", "-lib", c.library}, args[1:]...)
	if r.overlaid, r.overlayTime, err = runTests(clean, c.gls, args...); err != nil {
		return nil, err
	}
	if err := r.compare("with gls test", r.overlaid, clean, c.gls, args); err != nil {
		return nil, err
	}
	return r, unchanged(source, clean)
}

// attempts is how often a test that passed before is tried on its own if it did
// not pass afterwards: some depend on how busy the machine is.
const attempts = 5

// compare records the tests that passed before and do not now.
func (r *result) compare(when string, now tests, dir, name string, args []string) error {
	for _, test := range r.before.lostIn(now) {
		passed := 0
		for i := 1; i <= attempts && passed == 0; i++ {
			again, _, err := runTests(dir, name, alone(args, test)...)
			if err != nil {
				return err
			}
			if again[test] == "pass" {
				now[test], passed = "pass", i
			}
		}
		if passed > 0 {
			fmt.Printf("%s, passed alone, attempt %d: %s\n", when, passed, test)
			continue
		}
		fmt.Printf("%s, FAILED: %s\n", when, test)
		r.broken = append(r.broken, test)
	}
	return nil
}

// alone returns the arguments that run only one test, given those that end in
// "./...".
func alone(args []string, test string) []string {
	pkg, name, _ := strings.Cut(test, " ")
	pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(name), "/", "$/^") + "$"
	return append(append([]string(nil), args[:len(args)-1]...), "-count=1", "-run", pattern, pkg)
}
