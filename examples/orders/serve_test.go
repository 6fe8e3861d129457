package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A running program is one that serves.
type running struct {
	url  string
	page string                      // what is bound, with the token
	term func()                      // sends SIGTERM
	wait func() (stdout, log string) // waits for its regular end
}

func startProgram(t *testing.T, args ...string) *running {
	t.Helper()
	return startOn(t, "127.0.0.1:0", args...)
}

// startOn starts the program so that it serves on addr.
func startOn(t *testing.T, addr string, args ...string) *running {
	t.Helper()
	cmd := program(append([]string{"-serve", addr}, args...)...)
	var log bytes.Buffer
	cmd.Stderr = &log
	pipe, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		if cmd.ProcessState == nil { // the test failed before
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})

	out := bufio.NewReader(pipe)
	first, err := out.ReadString('\n')
	require.NoError(t, err, "%s", &log)
	second, err := out.ReadString('\n')
	require.NoError(t, err, "%s", &log)
	p := &running{
		url:  regexp.MustCompile(`http://[^,]+`).FindString(first),
		page: regexp.MustCompile(`http://\S+`).FindString(second),
	}
	require.NotEmpty(t, p.url, first)
	require.NotEmpty(t, p.page, second)
	p.term = func() { require.NoError(t, cmd.Process.Signal(syscall.SIGTERM)) }
	p.wait = func() (string, string) {
		rest, err := io.ReadAll(out)
		require.NoError(t, err)
		require.NoError(t, cmd.Wait(), "%s", &log)
		return first + second + string(rest), log.String()
	}
	return p
}

// do sends a request with headers, given as name and value in turns, and
// returns the response with its text.
func do(t *testing.T, method, url, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(text)
}

func TestServe(t *testing.T) {
	p := startProgram(t)
	ann := []string{requestHeader, "r-1", userHeader, "ann", traceHeader, "t-1"}

	resp, text := do(t, "PUT", p.url+"/orders/PO-1", `{"item":"rope","quantity":2}`, ann...)
	require.Equal(t, 201, resp.StatusCode, text)
	require.Equal(t, "r-1", resp.Header.Get(requestHeader))
	var placed order
	require.NoError(t, json.Unmarshal([]byte(text), &placed))
	require.Equal(t, order{"PO-1", "rope", 2, "west", 2180, identity{"r-1", "ann", "t-1"}}, placed)

	// Another request, very likely on the same connection, sees its own.
	resp, text = do(t, "GET", p.url+"/orders/PO-1", "")
	require.Equal(t, 200, resp.StatusCode, text)
	require.Regexp(t, "^[0-9a-f]{16}$", resp.Header.Get(traceHeader))
	require.Equal(t, "anonymous", resp.Header.Get(userHeader))
	require.JSONEq(t, `{"po":"PO-1","item":"rope","quantity":2,"supplier":"west","cents":2180,
		"placed_by":{"request_id":"r-1","user":"ann","trace_id":"t-1"}}`, text)

	for _, test := range []struct {
		name, method, path, body string
		status                   int
		text                     string
	}{
		{"twice", "PUT", "/orders/PO-1", `{"item":"bolt","quantity":1}`, 409, "already placed"},
		{"none left", "PUT", "/orders/PO-2", `{"item":"lamp","quantity":1}`, 409, "out of stock"},
		{"none left, so not stored", "GET", "/orders/PO-2", "", 404, "no such order"},
		{"too many", "PUT", "/orders/PO-3", `{"item":"bolt","quantity":1001}`, 400, "not 1001"},
		{"not JSON", "PUT", "/orders/PO-4", `item=bolt`, 400, "malformed request"},
		{"too long", "PUT", "/orders/PO-4", `{"item":"` + strings.Repeat("x", 1<<17) + `"}`, 400, "too large"},
		{"bad number", "PUT", "/orders/P%20O", `{"item":"bolt","quantity":1}`, 400, "bad order number"},
	} {
		t.Run(test.name, func(t *testing.T) {
			resp, text := do(t, test.method, p.url+test.path, test.body, requestHeader, "r-2", userHeader, "ben", traceHeader, "t-2")
			require.Equal(t, test.status, resp.StatusCode, text)
			require.Contains(t, text, test.text)
			require.Contains(t, text, "[request_id=r-2 user=ben trace_id=t-2]")
			require.Equal(t, 1, strings.Count(text, "r-2"), "the identity is told once: %s", text)
		})
	}

	p.term()
	stdout, log := p.wait()
	require.Contains(t, stdout, "serving on "+p.url)
	require.Contains(t, stdout, "orders: stopped\n")
	lines := strings.Split(strings.TrimSpace(log), "\n")
	for _, line := range lines {
		require.Regexp(t, ` request_id=\S+ user=\S+ trace_id=\S+$`, line)
	}
	require.Equal(t, 8, strings.Count(log, "request_id=r-1 user=ann trace_id=t-1\n"), log)
}

func TestServePlain(t *testing.T) {
	p := startProgram(t, "-plain")
	do(t, "PUT", p.url+"/orders/PO-1", `{"item":"rope","quantity":2}`, requestHeader, "r-1")
	p.term()
	_, log := p.wait()
	require.Equal(t, 2, strings.Count(log, "request_id=r-1 "), log)
	require.Equal(t, 3, strings.Count(log, "msg=price"), log)
	require.Equal(t, 3, strings.Count(log, "msg=quoted"), log)
}

// TestServeStopsGracefully interrupts the service while it reads a request.
// That one is still answered, and audited, before the program ends.
func TestServeStopsGracefully(t *testing.T) {
	file := t.TempDir() + "/orders.db"
	p := startProgram(t, "-db", file)
	addr := strings.TrimPrefix(p.url, "http://")

	body, send := io.Pipe()
	r, err := http.NewRequest("PUT", p.url+"/orders/PO-1", body)
	require.NoError(t, err)
	r.Header.Set("Expect", "100-continue")
	r.Header.Set(requestHeader, "r-1")
	reading := make(chan struct{}) // closed when the handler has begun to read
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		Got100Continue: func() { close(reading) },
	}))
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
	type result struct {
		status int
		err    error
	}
	answered := make(chan result, 1)
	go func() {
		resp, err := client.Do(r)
		if err != nil {
			answered <- result{err: err}
			return
		}
		resp.Body.Close()
		answered <- result{status: resp.StatusCode}
	}()

	<-reading
	p.term()
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
		}
		return err != nil
	}, 30*time.Second, time.Millisecond, "still listening")
	_, err = io.WriteString(send, `{"item":"rope","quantity":2}`)
	require.NoError(t, err)
	require.NoError(t, send.Close())
	got := <-answered
	require.NoError(t, got.err)
	require.Equal(t, 201, got.status)
	stdout, _ := p.wait()
	require.Contains(t, stdout, "orders: stopped\n")

	st, err := openStore(file, time.Minute)
	require.NoError(t, err)
	defer st.close()
	marks, err := st.rowMarks("PO-1")
	require.NoError(t, err)
	require.Len(t, marks, 5, "an order, its outcome and three lookups")
	for _, m := range marks {
		require.Equal(t, "r-1", m.who.Request)
	}
}
