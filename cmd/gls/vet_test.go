package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed18162548/contextvars/cmd/gls/internal/sandbox"
)

// As a command, and as a tool of go vet, the findings are the same.
func TestVet(t *testing.T) {
	b := box(t, inheriting)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	_, stderr, exit := gls(t, b, "vet", "-policy", "all", "./...")
	if exit != 1 {
		t.Errorf("exit status %d", exit)
	}
	wantContains(t, stderr, "main.go:18:2: go statement drops the caller's bindings", "main.go:21:3")
	_, viaGo, exit := b.Exec("go", "vet", "-vettool="+self, "-rawgo.policy=all", "./...")
	if exit != 1 || viaGo != stderr {
		t.Errorf("go vet says (%d)\n%s\nand gls vet\n%s", exit, viaGo, stderr)
	}
	stdout, _, _ := gls(t, b, "vet", "-json", "-policy=all", "./...")
	if i := strings.Index(stdout, "{"); i < 0 || !json.Valid([]byte(stdout[i:])) {
		t.Errorf("-json prints %s", stdout)
	}
	// By the default policy, what main starts is for the process.
	mustGls(t, b, "vet", "./...")
	_, stderr, _ = gls(t, b, "vet", "-tests", "./...")
	wantContains(t, stderr, "main_test.go:11:2")
}

// The fixes of the other analyzers are applied on request.
func TestVetFix(t *testing.T) {
	b := box(t, strings.Replace(inheriting, "defer user.Set(\"alice\").Reset()", "set()\n\tfmt.Println(user.Get())", 1)+
		"-- set.go --\npackage main\n\nimport \"fmt\"\n\nfunc set() {\n\tdefer user.Set(\"late\")\n\tuser.Set(\"dropped\")\n\tfmt.Println(user.Get())\n}\n")
	if got := b.Go("run", "."); got != "dropped\nlate\nnobody\n" {
		t.Fatalf("before, it prints %q", got)
	}
	gls(t, b, "vet", "-fix", "-token", ".")
	wantContains(t, b.Read("set.go"), "defer user.Set(\"late\").Reset()", "defer user.Set(\"dropped\").Reset()")
	if got := b.Go("run", "."); got != "dropped\nnobody\nnobody\n" {
		t.Errorf("afterwards, it prints %q", got)
	}
}

func TestReport(t *testing.T) {
	b := box(t, plain+`
-- secret.go --
package main

func html() { go println("<script>alert(1)</script>") } //gls:ignore it & <b>nothing</b> else
-- broken/broken.go --
package broken

func F() { go F(undefined) }
`)
	b.Write("shown.js", "")
	_, stderr := mustGls(t, b, "vet", "-report", "page.html", "./...")
	wantContains(t, stderr, "page.html lists 5 statements")
	page := b.Read("page.html")
	wantContains(t, page, "main.go:13", "becomes <code>spawn.Go</code>: its function waits for it in line 14",
		"it is started from main", "&lt;script&gt;alert(1)&lt;/script&gt;", "example.com/plain/broken is left as it is")
	for _, outside := range []string{"http://", "https://", "src=", "<link", "@import"} {
		if strings.Contains(page, outside) {
			t.Errorf("the page needs the network: it has %q", outside)
		}
	}

	// In a browser, without a network, it filters.
	text := func(script string) string {
		b.Write("try.html", strings.Replace(page, "</html>", "<script>"+script+"</script></html>", 1))
		stdout, stderr, exit := b.Exec("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND",
			"--user-data-dir="+filepath.Join(b.Dir, "profile"), "--dump-dom", "file://"+filepath.Join(b.Dir, "try.html"))
		if exit != 0 {
			t.Fatal(stderr)
		}
		return stdout
	}
	hidden := func(dom string) int { return strings.Count(dom, "hidden=\"\"") }
	if n := hidden(text("")); n != 0 {
		t.Errorf("at first %d statements are hidden", n)
	}
	if n := hidden(text(`form.elements.text.value = "ALONE"; form.dispatchEvent(new Event("input"))`)); n != 4 {
		t.Errorf("a search hides %d of 5 statements", n)
	}
	if n := hidden(text(`document.querySelector("input[value=lifetime]").click()`)); n != 1 {
		t.Errorf("without one class %d statements are hidden", n)
	}
	dom := text(`document.querySelectorAll(".check").forEach((c, i) => { if (i < 2) c.click() }); form.elements.open.click()`)
	if n := hidden(dom); n != 2 || !strings.Contains(dom, "3 of 5") && !strings.Contains(dom, "class=\"seen\"") {
		t.Errorf("of two that were seen %d are hidden", n)
	}
}

// A report covers what fix would do, in the same words.
func TestReportAgreesWithFix(t *testing.T) {
	b := box(t, plain)
	mustGls(t, b, "vet", "-report", "page.html", "-policy=all", "./...")
	stdout, _ := mustGls(t, b, "fix", "-policy=all", "-lib", sandbox.Library())
	if got := strings.Count(b.Read("page.html"), "becomes <code>spawn.Go</code>"); got != 3 || !strings.Contains(stdout, "3  become spawn.Go") {
		t.Errorf("the report has %d, fix says %s", got, stdout)
	}
}
