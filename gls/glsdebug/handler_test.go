package glsdebug_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsdebug"
)

var (
	visible = gls.New[string]("visible")
	secret  = gls.New[string]("secret")
	number  = gls.New[int]("number")
)

// token is the token of the pages that the tests serve.
const token = "of-the-tests"

// serve serves the page on loopback and returns its address.
func serve(t *testing.T, opts ...glsdebug.Option) (url string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/debug/gls", glsdebug.Handler(append([]glsdebug.Option{glsdebug.Token(token)}, opts...)...))
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL + "/debug/gls"
}

// request sends a request with the token.
func request(t *testing.T, method, url string) *http.Response {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	return resp
}

// get returns what is at url, which must be there.
func get(t *testing.T, url string) (body string, header http.Header) {
	t.Helper()
	resp := request(t, http.MethodGet, url)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s", b)
	return string(b), resp.Header
}

func TestPageLoadsNothingFromElsewhere(t *testing.T) {
	defer visible.Set("v").Reset()
	url := serve(t, glsdebug.Visible(visible))
	body, header := get(t, url)
	require.Equal(t, "text/html; charset=utf-8", header.Get("Content-Type"))
	require.Equal(t, "no-store", header.Get("Cache-Control"))
	csp := header.Get("Content-Security-Policy")
	require.Contains(t, csp, "default-src 'none'")
	require.NotContains(t, csp, "unsafe")
	require.Contains(t, csp, "frame-ancestors 'none'")

	require.NotRegexp(t, `https?://|//[a-z]`, body, "no address outside the page")
	require.NotRegexp(t, `<style|style=|<script>| on[a-z]+="`, body, "nothing inline, which the policy would not run")
	references := regexp.MustCompile(`(?:href|src|action)="([^"]*)"`).FindAllStringSubmatch(body, -1)
	require.NotEmpty(t, references)
	for _, ref := range references {
		require.True(t, strings.HasPrefix(ref[1], "?"), "%s is not relative to wherever the page is", ref[1])
	}
}

func TestAssets(t *testing.T) {
	url := serve(t)
	body, _ := get(t, url)
	for name, contentType := range map[string]string{
		"style.css": "text/css; charset=utf-8",
		"live.js":   "text/javascript; charset=utf-8",
		"icon.svg":  "image/svg+xml",
	} {
		address := regexp.MustCompile(`"(\?asset=` + name + `[^"]*)"`).FindStringSubmatch(body)
		require.NotNil(t, address, name)
		content, header := get(t, url+strings.ReplaceAll(address[1], "&amp;", "&"))
		require.NotEmpty(t, content)
		require.Equal(t, contentType, header.Get("Content-Type"))
		require.Contains(t, header.Get("Cache-Control"), "immutable")
		require.NotRegexp(t, `url\(|@import`, content)
	}
	resp := request(t, http.MethodGet, url+"?asset=../page.go")
	resp.Body.Close()
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
}

func TestMethodsAndFormats(t *testing.T) {
	url := serve(t)
	for _, row := range []struct {
		method, query string
		status        int
	}{
		{"GET", "", http.StatusOK},
		{"HEAD", "", http.StatusOK},
		{"POST", "", http.StatusMethodNotAllowed},
		{"DELETE", "?stacks=grouped", http.StatusMethodNotAllowed},
		{"GET", "?format=xml", http.StatusBadRequest},
		{"GET", "?page=99999999999999999999&per=-1&sort=nonsense&match=", http.StatusOK},
		{"GET", "?page=7&per=100000000", http.StatusOK},
	} {
		resp := request(t, row.method, url+row.query)
		resp.Body.Close()
		require.Equal(t, row.status, resp.StatusCode, "%s %s", row.method, row.query)
	}
}

func TestNilOption(t *testing.T) {
	body, _ := get(t, serve(t, nil))
	require.Contains(t, body, "<title>gls")
}

// TestHiddenValuesAreNowhere checks that no format shows the value of a
// variable that is not Visible, and that no filter reveals whether it was
// guessed.
func TestHiddenValuesAreNowhere(t *testing.T) {
	const value = "correct-horse"
	defer secret.Set(value).Reset()
	url := serve(t, glsdebug.Visible(visible))
	for _, query := range []string{"?", "?format=json", "?format=text", "?format=expvar", "?format=prometheus", "?var=secret"} {
		body, _ := get(t, url+query)
		require.NotContains(t, body, value, query)
	}
	for _, query := range []string{"?var=secret&value=" + value, "?value=" + value, "?var=secret&match=contains&value=horse"} {
		require.Empty(t, rows(t, url+query), query)
		page, _ := get(t, url+query)
		require.Contains(t, page, "No goroutine matches.")
	}
	page, _ := get(t, url+"?var=secret&value=x")
	require.Contains(t, page, "Values of secret are hidden")
}

func TestMarkupInValuesIsText(t *testing.T) {
	const attack = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`
	defer visible.Set(attack).Reset()
	body, _ := get(t, serve(t, glsdebug.Visible(visible)))
	require.NotContains(t, body, "<script>")
	require.NotContains(t, body, "<img src=x")
	require.Contains(t, body, "&lt;script&gt;alert(1)&lt;/script&gt;")
}
