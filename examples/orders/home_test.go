package main

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHome follows what the page says: the commands for a terminal do what they
// seem to, for the host that the page was asked of.
func TestHome(t *testing.T) {
	p := startProgram(t)
	resp, text := do(t, "GET", p.url+"/", "")
	require.Equal(t, 200, resp.StatusCode, text)
	require.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"))
	require.Contains(t, text, "<form>")
	require.NotEmpty(t, resp.Header.Get(requestHeader), "the page is a request like others")

	nonce := regexp.MustCompile(`<script nonce="(\w+)">`).FindStringSubmatch(text)
	require.NotNil(t, nonce)
	require.Contains(t, resp.Header.Get("Content-Security-Policy"), "script-src 'nonce-"+nonce[1]+"'")
	_, again := do(t, "GET", p.url+"/", "")
	require.NotContains(t, again, nonce[1], "a nonce is for one answer")

	put := regexp.MustCompile(`curl -X (PUT) -H '([\w-]+): (\w+)' -d '([^']+)' (http\S+)`).FindStringSubmatch(unescape(text))
	require.NotNil(t, put, text)
	resp, placed := do(t, put[1], put[5], put[4], put[2], put[3])
	require.Equal(t, 201, resp.StatusCode, placed)
	require.Contains(t, placed, `"user":"ann"`)
	get := regexp.MustCompile(`curl (http\S+)</pre>`).FindStringSubmatch(text)
	require.NotNil(t, get, text)
	resp, found := do(t, "GET", get[1], "")
	require.Equal(t, 200, resp.StatusCode, found)

	resp, _ = do(t, "GET", p.url+"/elsewhere", "")
	require.Equal(t, 404, resp.StatusCode)
	p.term()
	p.wait()
}

// unescape undoes what html/template does to a text without markup.
func unescape(text string) string {
	return strings.NewReplacer("&#34;", `"`, "&#39;", "'").Replace(text)
}

// TestHomeEscapesItsHost: the host is the client's word.
func TestHomeEscapesItsHost(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = `"><script>alert(1)</script>`
	w := httptest.NewRecorder()
	home(w, r)
	require.NotContains(t, w.Body.String(), "<script>alert")
	require.Equal(t, 1, strings.Count(w.Body.String(), "</script>"))
}
