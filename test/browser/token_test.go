//go:build gls_browser

package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestTokenIsNeededOnce: the address with the token opens the page, the address
// bar forgets the token, and links and new visits need none.
func TestTokenIsNeededOnce(t *testing.T) {
	s := start(t)
	s.holdRequest(t, "r-1", "ann")
	b := open(t)
	b.run(chromedp.Navigate(s.page + "?var=user&token=" + token))
	b.until(`location.search == "?var=user"`)
	require.Len(t, eval[[]string](b, shown), suppliers+1)
	b.run(chromedp.Click(`a.clear`, chromedp.ByQuery), chromedp.WaitNotPresent(`a.clear`, chromedp.ByQuery))
	b.run(chromedp.Navigate(s.page + "?value=ann"))
	require.Len(t, eval[[]string](b, shown), suppliers+1)
	require.Empty(t, eval[string](b, `document.cookie`), "scripts cannot read it")
	b.wellBehaved(s.url)
}

// TestTokenForm: without a token there is a form for it, which does without
// JavaScript, and leads to what was asked for.
func TestTokenForm(t *testing.T) {
	s := start(t)
	s.holdRequest(t, "r-1", "ann")
	b := open(t)
	b.run(withoutScript(), chromedp.Navigate(s.page+"?value=ann"))
	require.Equal(t, "token", eval[string](b, `document.activeElement.name`))
	require.NotContains(t, eval[string](b, `document.body.textContent`), "ann")
	require.NotEqual(t, "rgba(0, 0, 0, 0)", eval[string](b, `getComputedStyle(document.body).backgroundColor`), "it has its style")
	b.shoot("token")
	b.run(chromedp.SendKeys(`input[name=token]`, "wrong", chromedp.ByQuery), chromedp.Click(`button`, chromedp.ByQuery))
	b.run(chromedp.WaitVisible(`[role=alert]`, chromedp.ByQuery))
	b.run(chromedp.SendKeys(`input[name=token]`, token, chromedp.ByQuery), chromedp.Click(`button`, chromedp.ByQuery))
	b.run(chromedp.WaitVisible(`table`, chromedp.ByQuery))
	require.Equal(t, "?value=ann", eval[string](b, `location.search`))
	require.Len(t, eval[[]string](b, shown), suppliers+1)
	b.wellBehaved(s.url)
}

// TestTokenBehindARewritingProxy: the cookie's path is that of the page as the
// browser knows it.
func TestTokenBehindARewritingProxy(t *testing.T) {
	s := start(t)
	target, err := url.Parse(s.url)
	require.NoError(t, err)
	proxy := httptest.NewServer(http.StripPrefix("/team/x", httputil.NewSingleHostReverseProxy(target)))
	defer proxy.Close()
	b := open(t)
	b.run(chromedp.Navigate(proxy.URL + "/team/x/debug/gls?token=" + token))
	b.until(`document.documentElement.classList.contains("live")`)
	b.run(chromedp.Navigate(proxy.URL + "/team/x/debug/gls"))
	require.Contains(t, eval[string](b, `document.body.textContent`), "Goroutines with state")
}

// TestLinkWithTheToken on another site, as on a wiki or in a terminal that runs
// in a browser, opens the page at the first attempt, although the cookie is not
// sent along from there.
func TestLinkWithTheToken(t *testing.T) {
	s := start(t)
	wiki := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<a href="%s?token=%s">the page</a>`, s.page, token)
	}))
	defer wiki.Close()
	b := open(t, chromedp.Flag("host-resolver-rules", "MAP wiki.example 127.0.0.1"))
	u, err := url.Parse(wiki.URL)
	require.NoError(t, err)
	b.run(chromedp.Navigate("http://wiki.example:"+u.Port()), chromedp.Click(`a`, chromedp.ByQuery))
	b.run(chromedp.WaitVisible(`.tiles`, chromedp.ByQuery))
	b.until(`document.documentElement.classList.contains("live") && location.search == ""`)
	require.NotEqual(t, "rgba(0, 0, 0, 0)", eval[string](b, `getComputedStyle(document.body).backgroundColor`), "the style sheet loads too")
}
