//go:build gls_browser

package browser

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// axe is the script of axe-core, which make browser fetches.
func axe(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile(".npm/node_modules/axe-core/axe.min.js")
	require.NoError(t, err, "run it by make browser")
	return string(script)
}

// violations are those of all rules of axe-core, best practices too, in words.
const violations = `axe.run().then(result => result.violations.map(v =>
	v.id + ": " + v.nodes.map(n => n.target.join(" ") + " " + n.failureSummary).join("; ")))`

// A look is how a page is looked at.
type look struct {
	name   string
	scheme string
	screen chromedp.Action
}

var looks = []look{
	{"light desktop", "light", chromedp.EmulateViewport(1280, 900)},
	{"dark desktop", "dark", chromedp.EmulateViewport(1280, 900)},
	{"light phone", "light", phone()},
	{"dark phone", "dark", phone()},
}

// accessible looks at the page that open opens in every way, and fails if
// axe-core finds a violation.
func (b *tab) accessible(name string, open ...chromedp.Action) {
	b.t.Helper()
	script := axe(b.t)
	for _, l := range looks {
		b.run(scheme(l.scheme), l.screen)
		b.run(open...)
		var found []string
		b.run(chromedp.Evaluate(script, nil), chromedp.Evaluate(violations, &found, awaited))
		require.Empty(b.t, found, "%s, %s", name, l.name)
		b.shoot(strings.ReplaceAll("axe "+name+" "+l.name, " ", "-"))
	}
}

// TestAxe checks every kind of page that glsdebug has.
func TestAxe(t *testing.T) {
	s := start(t)
	s.holdRequest(t, "r-1", "ann")
	s.holdRequest(t, "r-2", "")
	s.leaveBehind(t)
	for range 3 {
		require.NoError(t, s.get("/forgetful", "r-1", ""))
	}
	b := s.open(t)
	for name, address := range map[string]string{
		"list":     s.page,
		"filtered": s.page + "?var=user&value=ann",
		"pages":    s.page + "?per=3&page=2&sort=-age",
		"empty":    s.page + "?value=nothing",
		"hidden":   s.page + "?var=session_token&value=x",
		"question": s.page + "?stacks=grouped",
		"token":    strings.Replace(s.page, "127.0.0.1", "localhost", 1) + "?token=wrong",
	} {
		b.accessible(name, chromedp.Navigate(address))
	}
	b.accessible("stacks", chromedp.Navigate(s.page+"?stacks=grouped"),
		chromedp.Click(`button.primary`, chromedp.ByQuery), chromedp.WaitVisible(`.frames`, chromedp.ByQuery))
}

// TestAxeReport checks the report of the benchmarks.
func TestAxeReport(t *testing.T) {
	page, err := filepath.Abs("../../bench/results/report.html")
	require.NoError(t, err)
	open(t).accessible("report", chromedp.Navigate("file://"+page))
}

// TestAxeVet checks the page that gls vet writes.
func TestAxeVet(t *testing.T) {
	dir := t.TempDir()
	gls, page := filepath.Join(dir, "gls"), filepath.Join(dir, "page.html")
	text, err := exec.Command("go", "-C", "../../cmd/gls", "build", "-o", gls, ".").CombinedOutput()
	require.NoError(t, err, "%s", text)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.org/app\n\ngo 1.26\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(vetted), 0o600))
	vet := exec.Command(gls, "vet", "-report", page, "./...")
	vet.Dir = dir
	text, _ = vet.CombinedOutput() // its status says whether there is anything on the page
	require.FileExists(t, page, "%s", text)
	b := open(t)
	b.accessible("vet", chromedp.Navigate("file://"+page))
	require.NotZero(t, eval[int](b, `document.querySelectorAll("article").length`), "%s", text)
}

// vetted is a program with statements of several classes.
const vetted = `package main

import (
	"net/http"
	"time"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		done := make(chan bool)
		go func() { done <- true }()
		go println("hello") //gls:ignore it is for the log
		<-done
	})
	go func() {
		for {
			time.Sleep(time.Second)
		}
	}()
	time.AfterFunc(time.Second, func() {})
	_ = http.ListenAndServe("localhost:0", nil)
}
`
