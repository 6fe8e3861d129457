package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
)

// asProgram makes the test binary run as the program, and so its own parts.
const asProgram = "CLUSTER_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Setenv(asProgram, "1") // for all that are started here
	os.Exit(m.Run())
}

// runProgram runs the program to its end.
func runProgram(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	cmd := exec.Command(os.Args[0], args...)
	cmd.Stdout, cmd.Stderr = &out, &err
	require.NoError(t, cmd.Start())
	_ = cmd.Wait() // the exit status says the same
	return cmd.ProcessState.ExitCode(), out.String(), err.String()
}

func TestSelfTest(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	status, stdout, stderr := runProgram(t)
	require.Zero(t, status, "%s%s", stdout, stderr)
	require.Empty(t, stderr)
	require.Contains(t, stdout, "100 requests answered")
	require.Contains(t, stdout, "\nPASS: ")

	sample := regexp.MustCompile(`process=(front|back) .* request_id=(req-099) user=(\w+) trace_id=([0-9a-f]{32})`).FindAllStringSubmatch(stdout, -1)
	require.Len(t, sample, 4, "two lines of each process")
	for _, line := range sample {
		require.Equal(t, sample[0][2:], line[2:], "the same in both")
	}
	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	for _, f := range left {
		require.NotRegexp(t, `^(cluster|glsnats)-`, f.Name(), "it leaves nothing behind")
	}
}

func TestCommandLine(t *testing.T) {
	for _, test := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"-h"}, 0, "Usage: cluster"},
		{[]string{"-what"}, 2, "flag provided but not defined"},
		{[]string{"what"}, 2, `unexpected argument "what"`},
		{[]string{"-front", "127.0.0.1:0", "-back", "nats://x"}, 2, "two processes"},
		{[]string{"-front", "127.0.0.1:0", "-nats", "127.0.0.1"}, 1, "missing port"},
		{[]string{"-front", "127.0.0.1:0", "-nats", "127.0.0.1:x"}, 1, "port of"},
		{[]string{"-front", "127.0.0.1:x"}, 1, "listen tcp"},
		{[]string{"-back", "nats://127.0.0.1:1", "-db", filepath.Join(t.TempDir(), "x.db")}, 1, "no servers available"},
		{[]string{"-back", "nats://127.0.0.1:1", "-db", filepath.Join(t.TempDir(), "none", "x.db")}, 1, "database"},
	} {
		status, _, stderr := runProgram(t, test.args...)
		require.Equal(t, test.status, status, "%q: %s", test.args, stderr)
		require.Contains(t, stderr, test.says, "%q", test.args)
	}
}

// TestParts runs both parts and speaks to them as curl would.
func TestParts(t *testing.T) {
	f, err := start("-front", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(f.kill)
	base := regexp.MustCompile(`http://[^,]+`).FindString(f.hello)
	queue := regexp.MustCompile(`nats://[^;]+`).FindString(f.hello)
	file := filepath.Join(t.TempDir(), "x.db")
	b, err := start("-back", queue, "-db", file)
	require.NoError(t, err)
	t.Cleanup(b.kill)

	post := func(path string, headers ...string) (*http.Response, []byte) {
		r, err := http.NewRequest(http.MethodPost, base+path, nil)
		require.NoError(t, err)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp, text
	}
	for _, path := range []string{"/albums/rome", "/albums/rome?pictures=0", "/albums/rome?pictures=101", "/albums/rome?pictures=x"} {
		resp, _ := post(path)
		require.Equal(t, http.StatusBadRequest, resp.StatusCode, path)
	}

	trace := glsnats.NewTrace()
	resp, text := post("/albums/rome?pictures=3", "X-User", "ann", "traceparent", trace.String())
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s", text)
	id := resp.Header.Get("X-Request-ID")
	require.NotEmpty(t, id)
	var made []thumbnail
	require.NoError(t, json.Unmarshal(text, &made))
	require.Len(t, made, 3)
	for i, m := range made {
		require.Equal(t, "rome-0"+string(rune('0'+i)), m.Name)
		require.Equal(t, identity{id, "ann", trace.TraceID()}, m.By)
	}

	_, text = post("/albums/oslo?pictures=1", "traceparent", "nonsense")
	require.NoError(t, json.Unmarshal(text, &made))
	require.Regexp(t, `^[0-9a-f]{32}$`, made[0].By.Trace, "a new one")

	require.NoError(t, b.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, b.cmd.Wait(), "%s", b.log)
	require.Equal(t, 4, strings.Count(b.log.String(), "msg=resized"))
	require.NoError(t, f.stop())
	require.Contains(t, f.log.String(), "request_id="+id)
}
