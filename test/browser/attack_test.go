//go:build gls_browser

package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestRebinding: a name of somebody else's that resolves to this machine gets
// nothing, though the peer is loopback.
func TestRebinding(t *testing.T) {
	s := start(t)
	s.holdRequest(t, "r-1", "ann")
	b := s.open(t, chromedp.Flag("host-resolver-rules", "MAP rebind.example 127.0.0.1"))
	b.run(chromedp.Navigate(strings.Replace(s.page, "127.0.0.1", "rebind.example", 1)))
	text := eval[string](b, `document.body.textContent`)
	require.Contains(t, text, "Which token?")
	require.NotContains(t, text, "ann")
	b.run(chromedp.Navigate(s.page))
	require.Contains(t, eval[string](b, `document.body.textContent`), "ann", "the same by its right name")
}

// TestOtherSites: a page elsewhere can neither read nor frame the page, nor
// have it stop the world.
func TestOtherSites(t *testing.T) {
	s := start(t)
	s.holdRequest(t, "r-1", "ann")
	cookies := make(chan string, 64)
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookies <- r.Header.Get("Cookie")
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<iframe id="frame" src="%[1]s"></iframe>
<form id="form" method="post" action="%[1]s?stacks=grouped"><input name="confirm" value="yes"><button>win a prize</button></form>`, s.page)
	}))
	defer evil.Close()

	b := s.open(t)
	b.run(chromedp.Navigate(evil.URL))
	for name, attempt := range map[string]string{
		"read":   `fetch(%q).then(r => r.text()).then(() => "done", () => "refused")`,
		"stacks": `fetch(%q + "?stacks=grouped", {method: "POST", body: "confirm=yes"}).then(r => r.text()).then(() => "done", () => "refused")`,
		"header": `fetch(%q + "?stacks=grouped", {method: "POST", headers: {"X-Gls-Stacks": "confirmed"}}).then(r => r.text()).then(() => "done", () => "refused")`,
	} {
		var result string
		b.run(chromedp.Evaluate(fmt.Sprintf(attempt, s.page), &result, chromedp.EvalAsValue, awaited))
		require.Equal(t, "refused", result, name)
	}
	b.run(chromedp.Click(`button`, chromedp.ByQuery), chromedp.WaitNotPresent(`#form`, chromedp.ByQuery))
	require.Contains(t, eval[string](b, `document.body.textContent`), "not for pages of other sites")

	s.mu.Lock()
	defer s.mu.Unlock()
	require.NotEmpty(t, s.posts, "the attempts arrived")
	for _, r := range s.posts {
		require.NotEqual(t, "same-origin", r.Header.Get("Sec-Fetch-Site"))
	}
	require.NotContains(t, <-cookies, "glsdebug", "the same host is the same site, but the path is another")
}
