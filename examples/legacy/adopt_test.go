package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A fence is a fenced block of the page.
type fence struct{ language, text string }

// TestAdoptPage runs docs/adopt.md on a copy of this service: new files are
// written, changes applied, commands run and their output compared. What comes
// out has to keep the identities of concurrent requests apart.
func TestAdoptPage(t *testing.T) {
	checkout, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	page, err := os.ReadFile(filepath.Join(checkout, "docs", "adopt.md"))
	require.NoError(t, err)
	dir := copyService(t, checkout)
	run := shell(t, dir, checkout)

	ran := 0
	for _, m := range regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$").FindAllStringSubmatch(string(page), -1) {
		switch f := (fence{m[1], m[2]}); f.language {
		case "go":
			name, _, _ := strings.Cut(strings.TrimPrefix(f.text, "// "), "\n")
			source := f.text[strings.Index(f.text, "\n")+1:]
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(source), 0o600))
		case "diff":
			change := filepath.Join(t.TempDir(), "change")
			require.NoError(t, os.WriteFile(change, []byte(f.text), 0o600))
			out, err := run("git apply --whitespace=nowarn " + change)
			require.NoError(t, err, "%s\n%s", out, f.text)
		case "console":
			for _, c := range commands(f.text) {
				out, _ := run(c.line)
				require.Regexp(t, c.output, progress.ReplaceAllString(out, ""), "%s", c.line)
				ran++
			}
		case "text":
			checkService(t, dir, strings.Split(strings.TrimSpace(f.text), "\n"))
		}
	}
	require.Greater(t, ran, 10, "the page has no commands")
}

// copyService copies the service into a module of its own, whose only
// requirement is its database.
func copyService(t *testing.T, checkout string) (dir string) {
	dir = t.TempDir()
	for _, name := range []string{"main.go", "handlers.go", "service.go", "legacy_test.go"} {
		source, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), source, 0o600))
	}
	gomod, err := os.ReadFile(filepath.Join(checkout, "examples", "go.mod"))
	require.NoError(t, err)
	sqlite := regexp.MustCompile(`modernc\.org/sqlite v\S+`).FindString(string(gomod))
	require.NotEmpty(t, sqlite)
	text := "module example.com/legacy\n\ngo 1.26.0\n\nrequire " + sqlite + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o600))
	sums, err := os.ReadFile(filepath.Join(checkout, "examples", "go.sum"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o600))
	return dir
}

// shell builds the command and returns what runs a line in dir, with the
// command on the path, and returns all that it prints.
func shell(t *testing.T, dir, checkout string) func(line string) (string, error) {
	bin := t.TempDir()
	run := func(line string) (string, error) {
		cmd := exec.Command("sh", "-c", line)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "CLONE="+checkout, "GOWORK=off", "GOFLAGS=", "NO_COLOR=1",
			"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := run("go -C $CLONE/cmd/gls build -o " + bin + "/gls .")
	require.NoError(t, err, out)
	out, err = run("go mod tidy")
	require.NoError(t, err, out)
	return run
}

// A command is a line of a console block, and what matches its output: "…"
// there is anything, also whole lines.
type command struct {
	line   string
	output *regexp.Regexp
}

func commands(block string) (list []command) {
	for _, part := range strings.Split("\n"+block, "\n$ ")[1:] {
		line, output, _ := strings.Cut(part, "\n")
		pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(output)), "…", "(?s:.*)")
		list = append(list, command{line, regexp.MustCompile(`^\s*` + pattern + `\s*$`)})
	}
	return list
}

var (
	// progress is what gls says, on a slow machine, of how far it is.
	progress = regexp.MustCompile(`(?m)^gls: (listing packages|\d+ of \d+ packages|looking at \d+ packages)\n`)

	varies = regexp.MustCompile(`(request_id|duration)=\S+`)
	field  = regexp.MustCompile(`\b(request_id|user|tenant)=(\S+)`)
)

// checkService starts the program in dir and sends it requests of many users at
// once. Every line that it logs has to be of the request that it belongs to,
// and the lines of the first one those of the page.
func checkService(t *testing.T, dir string, want []string) {
	const requests = 60
	var mu sync.Mutex
	tenants := make(map[string]string) // by request ID, as the billing service is told
	billing := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		tenants[r.Header.Get("X-Request-ID")] = r.Header.Get("X-Tenant")
	}))
	defer billing.Close()

	addr := freeAddr(t)
	out, err := exec.Command("go", "-C", dir, "build", "-o", "service", ".").CombinedOutput()
	require.NoError(t, err, string(out))
	cmd := exec.Command(filepath.Join(dir, "service"), "-addr", addr, "-billing", billing.URL, "-slow", "1ns")
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := make(chan string, 100*requests)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(stderr); s.Scan(); {
			lines <- s.Text()
		}
	}()
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}, time.Minute, 10*time.Millisecond)

	ids := make([]string, requests) // in order of the users
	ids[0] = post(t, addr, "ann", "acme")
	var wg sync.WaitGroup
	for i := 1; i < requests; i++ {
		wg.Add(1)
		go func(i int) {
			defer wg.Done()
			ids[i] = post(t, addr, fmt.Sprint("user", i), fmt.Sprint("tenant", i%7))
		}(i)
	}
	wg.Wait()

	owners := map[string]string{ids[0]: "ann acme"} // user and tenant, by request ID
	for i := 1; i < requests; i++ {
		owners[ids[i]] = fmt.Sprintf("user%d tenant%d", i, i%7)
	}
	require.Len(t, owners, requests, "IDs are not unique")
	seen := make(map[string]bool)
	for audited := 0; audited < requests; {
		line, ok := <-lines
		require.True(t, ok, "the service has ended")
		if strings.Contains(line, "msg=serving") || strings.Contains(line, "CREATE TABLE") {
			continue // of nobody's request
		}
		got := make(map[string]string)
		for _, m := range field.FindAllStringSubmatch(line, -1) {
			got[m[1]] = m[2]
		}
		require.Equal(t, owners[got["request_id"]], got["user"]+" "+got["tenant"], line)
		if strings.Contains(line, "msg=audited") {
			audited++
		}
		if got["user"] == "ann" {
			_, rest, _ := strings.Cut(line, " ") // the time
			seen[varies.ReplaceAllString(rest, "$1=…")] = true
		}
	}
	for _, line := range want {
		require.True(t, seen[line], "the page has a line that is not logged: %s\n%v", line, seen)
	}
	for id, owner := range owners {
		require.Contains(t, owner, tenants[id], "the billing service is told")
		require.NotEmpty(t, tenants[id])
	}
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait() // it was killed
}

// post places an order as a user of a tenant, and returns the request's ID.
func post(t *testing.T, addr, user, tenant string) string {
	req, err := http.NewRequest("POST", "http://"+addr+"/order?item=bolt", nil)
	if err != nil {
		t.Error(err)
		return ""
	}
	req.Header.Set("X-User", user)
	req.Header.Set("X-Tenant", tenant)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return ""
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Error(resp.Status)
	}
	return resp.Header.Get("X-Request-ID")
}

// freeAddr returns an address that nobody listens on.
func freeAddr(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}
