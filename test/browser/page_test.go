//go:build gls_browser

package browser

import (
	"sort"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
)

// shown are the goroutines in the table, as a sorted list.
const shown = `[...document.querySelectorAll("td.c-id b")].map(e => e.textContent).sort()`

// TestFilterForOneRequest: under load, with a request whose ID begins like that
// of another, the page shows the goroutines of the one that is typed, no
// others.
func TestFilterForOneRequest(t *testing.T) {
	s := start(t)
	s.holdRequest(t, "r-1", "ann")
	s.holdRequest(t, "r-10", "bob")
	s.load(t)
	want := s.goroutinesOf(t, "r-1")
	require.Len(t, want, suppliers+1)

	b := s.open(t)
	b.run(chromedp.Navigate(s.page))
	b.until(`document.documentElement.classList.contains("live")`)
	b.run(
		chromedp.SetValue(`select[name=var]`, "request_id", chromedp.ByQuery),
		chromedp.SendKeys(`input[name=value]`, "r-1", chromedp.ByQuery),
	)
	b.until(`document.querySelectorAll("tbody tr").length == 4 && location.search.includes("value=r-1")`)
	got := eval[[]string](b, shown)
	sort.Strings(got)
	require.Equal(t, want, got)
	values := eval[string](b, `document.querySelector("table").textContent`)
	require.NotContains(t, values, "r-10")
	require.NotContains(t, values, "load-")
	require.NotContains(t, values, "s3cr3t", "a hidden value")
	require.Contains(t, values, "supplier-2")
	require.True(t, eval[bool](b, `document.activeElement.name == "value"`), "the field keeps the focus")

	// The address is that of what is shown, so it can be passed on.
	b.run(chromedp.Reload())
	require.Len(t, eval[[]string](b, shown), suppliers+1)
	require.Equal(t, "r-1", eval[string](b, `document.querySelector("input[name=value]").value`))
	b.shoot("filtered")
	b.wellBehaved(s.url)
}

// TestWithoutJavaScript does the same by the form's button, and then by links.
func TestWithoutJavaScript(t *testing.T) {
	s := start(t)
	s.holdRequest(t, "r-1", "ann")
	s.holdRequest(t, "r-10", "bob")
	b := s.open(t)
	b.run(withoutScript(), chromedp.Navigate(s.page))
	b.run(
		chromedp.WaitVisible(`button.apply`, chromedp.ByQuery),
		chromedp.SetValue(`select[name=var]`, "request_id", chromedp.ByQuery),
		chromedp.SendKeys(`input[name=value]`, "r-1"+kb.Enter, chromedp.ByQuery),
	)
	b.run(chromedp.WaitVisible(`a.clear`, chromedp.ByQuery))
	require.Len(t, eval[[]string](b, shown), suppliers+1)
	require.False(t, eval[bool](b, `!document.querySelector(".follow").hidden`), "what needs script is not offered")

	b.run(chromedp.Click(`a.clear`, chromedp.ByQuery), chromedp.WaitNotPresent(`a.clear`, chromedp.ByQuery))
	require.Greater(t, len(eval[[]string](b, shown)), suppliers+1)
	b.run(
		chromedp.Click(`//a[contains(@class,"chip")][contains(.,"bob")]`, chromedp.BySearch),
		chromedp.WaitVisible(`a.clear`, chromedp.ByQuery),
	)
	require.Len(t, eval[[]string](b, shown), suppliers+1)
	require.NotContains(t, eval[string](b, `document.querySelector("table").textContent`), "ann")

	b.run(chromedp.Click(`th.c-id a`, chromedp.ByQuery), chromedp.WaitVisible(`th[aria-sort=descending]`, chromedp.ByQuery))
	b.wellBehaved(s.url)
}

// TestMarkupIsText: a value full of markup shows as what it is.
func TestMarkupIsText(t *testing.T) {
	const attack = `"><script>alert(1);window.hit=1</script><img src=x onerror="window.hit=1">{{.}}`
	s := start(t)
	s.holdRequest(t, "r-1", attack)
	b := s.open(t)
	b.run(chromedp.Navigate(s.page + "?var=user"))
	b.until(`document.documentElement.classList.contains("live")`)
	require.Equal(t, attack, eval[string](b, `document.querySelector("td.c-bindings a:nth-of-type(2) .value").textContent`))
	require.True(t, eval[bool](b, `window.hit === undefined`))
	require.Zero(t, eval[int](b, `document.querySelectorAll("td img, td script").length`))

	// Through the link on it, and through the live filter, which parses
	// pages.
	b.run(
		chromedp.Click(`td.c-bindings a:nth-of-type(2)`, chromedp.ByQuery),
		chromedp.WaitVisible(`a.clear`, chromedp.ByQuery),
	)
	require.Equal(t, attack, eval[string](b, `document.querySelector("input[name=value]").value`))
	require.Len(t, eval[[]string](b, shown), suppliers+1)
	b.shoot("markup")
	b.run(chromedp.Clear(`input[name=value]`, chromedp.ByQuery), chromedp.SendKeys(`input[name=value]`, " ", chromedp.ByQuery))
	b.until(`location.search.includes("value=+")`)
	require.True(t, eval[bool](b, `window.hit === undefined`))
	b.wellBehaved(s.url)
}

// TestFollow: a request that arrives while the page is open appears on it.
func TestFollow(t *testing.T) {
	s := start(t)
	b := s.open(t)
	b.run(chromedp.Navigate(s.page + "?var=request_id&value=r-7"))
	b.until(`document.documentElement.classList.contains("live")`)
	require.Empty(t, eval[[]string](b, shown))
	b.run(chromedp.Click(`#follow`, chromedp.ByQuery))
	s.holdRequest(t, "r-7", "ann")
	b.until(`document.querySelectorAll("tbody tr").length == 4`)
	b.wellBehaved(s.url)
}

// TestHundredThousand: so many goroutines are a few hundred rows to the
// browser.
func TestHundredThousand(t *testing.T) {
	const n = 100_000
	crowd := gls.New[int]("crowd")
	var ready, ended sync.WaitGroup
	release := make(chan struct{})
	ready.Add(n)
	ended.Add(n)
	for i := range n {
		go func() {
			defer ended.Done()
			defer crowd.Set(i).Reset()
			ready.Done()
			<-release
		}()
	}
	ready.Wait()
	defer ended.Wait()
	defer close(release)

	s := start(t)
	s.holdRequest(t, "r-1", "ann")
	b := s.open(t)
	began := time.Now()
	b.run(chromedp.Navigate(s.page))
	require.Less(t, time.Since(began), 20*time.Second)
	require.Contains(t, eval[string](b, `document.querySelector(".summary").textContent`), "100,0")
	require.Len(t, eval[[]string](b, shown), 100)
	require.Less(t, eval[int](b, `document.querySelectorAll("*").length`), 5000)
	b.shoot("hundred-thousand")
	b.run(chromedp.Click(`a[rel=next]`, chromedp.ByQuery), chromedp.WaitVisible(`a[rel=prev]`, chromedp.ByQuery))
	require.Contains(t, eval[string](b, `document.querySelector(".pager").textContent`), "Page 2 of 1,00")
	b.run(chromedp.Navigate(s.page + "?value=r-1"))
	require.Len(t, eval[[]string](b, shown), suppliers+1)

	// Taking their stacks would stop the world for long: it is asked for
	// twice.
	b.run(
		chromedp.Click(`.summary .button`, chromedp.ByQuery), chromedp.WaitVisible(`button.primary`, chromedp.ByQuery),
		chromedp.Click(`button.primary`, chromedp.ByQuery), chromedp.WaitVisible(`button.danger`, chromedp.ByQuery),
	)
	require.Contains(t, eval[string](b, `document.querySelector("h1").textContent`), "Are you sure?")
	b.shoot("asked-twice")
	b.run(chromedp.Click(`button.danger`, chromedp.ByQuery), chromedp.WaitVisible(`.frames`, chromedp.ByQuery))
	frames := eval[string](b, `document.querySelector("main").textContent`)
	require.Contains(t, frames, "prices")
	require.NotContains(t, frames, "crowd", "only those of the rows")
	b.wellBehaved(s.url)
}
