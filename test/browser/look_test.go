//go:build gls_browser

package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// contrasts is the least contrast, as WCAG defines it, between text that
// matters and what is behind it.
const contrasts = `(() => {
	const rgb = c => { const m = c.match(/[\d.]+/g).map(Number); return c.startsWith("color(srgb") ? [m[0]*255, m[1]*255, m[2]*255, m[3] ?? 1] : [m[0], m[1], m[2], m[3] ?? 1] };
	const light = ([r, g, b]) => { const [x, y, z] = [r, g, b].map(v => (v /= 255) <= 0.03928 ? v/12.92 : ((v + 0.055)/1.055)**2.4); return 0.2126*x + 0.7152*y + 0.0722*z };
	const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] > 0.99) return c } return [255, 255, 255, 1] };
	let least = 21;
	for (const e of document.querySelectorAll("dt, dd:not(.sub), label span, th a, td b, td time, td a, td code, .chip .name, .chip .value, .summary p, .facet, .pill, .button, input, select")) {
		if (e.closest("[hidden]") || e.classList.contains("quiet")) continue;
		const a = light(rgb(getComputedStyle(e).color)), b = light(behind(e));
		least = Math.min(least, (Math.max(a, b) + 0.05)/(Math.min(a, b) + 0.05));
	}
	return least;
})()`

func TestLightAndDark(t *testing.T) {
	s := start(t)
	for i, user := range []string{"ann", "bob", "carla"} {
		s.holdRequest(t, fmt.Sprintf("0197c5%02x-23e3-7b4f-9e2d-5ffb9192c89%d", 77*i, i), user)
	}
	for range 3 {
		require.NoError(t, s.get("/forgetful", "r-1", ""))
	}
	b := s.open(t)
	grounds := make(map[string]string)
	for _, name := range []string{"light", "dark"} {
		b.run(scheme(name), chromedp.Navigate(s.page))
		b.until(`document.documentElement.classList.contains("live")`)
		grounds[name] = eval[string](b, `getComputedStyle(document.body).backgroundColor`)
		require.GreaterOrEqual(t, eval[float64](b, contrasts), 4.5, name)
		require.Contains(t, eval[string](b, `document.querySelector(".alert").textContent`), "user × ", "what the barrier caught")
		b.shoot(name)
	}
	require.NotEqual(t, grounds["light"], grounds["dark"])
}

// TestPhone: on a small screen nothing is cut off or has to be scrolled to the
// side, and what is tapped and read is large enough.
func TestPhone(t *testing.T) {
	s := start(t)
	s.holdRequest(t, "r-1-with-an-identifier-that-is-long-and-has-no-place-to-break-it-at", "ann")
	b := s.open(t)
	b.run(phone())
	for _, query := range []string{"", "?var=request_id", "?stacks=grouped", "?value=nothing"} {
		b.run(chromedp.Navigate(s.page + query))
		require.LessOrEqual(t, eval[int](b, `document.documentElement.scrollWidth`), 360, query)
		require.Zero(t, eval[int](b, `[...document.querySelectorAll("body *")].filter(e => e.getClientRects().length && !e.closest(".quiet") && e.getBoundingClientRect().right > innerWidth + 1).length`), query)
		require.GreaterOrEqual(t, eval[float64](b, `Math.min(...[...document.querySelectorAll("main *")].filter(e => e.getClientRects().length).map(e => parseFloat(getComputedStyle(e).fontSize)))`), 11.0)
		require.GreaterOrEqual(t, eval[float64](b, `Math.min(99, ...[...document.querySelectorAll("button, .button, select, input[type=search]")].filter(e => e.getClientRects().length).map(e => e.getBoundingClientRect().height))`), 32.0)
	}
	b.run(chromedp.Navigate(s.page + "?var=request_id"))
	b.shoot("phone")
}

// TestKeyboard: everything can be reached with the Tab key, and shows where it
// is.
func TestKeyboard(t *testing.T) {
	s := start(t)
	s.holdRequest(t, "r-1", "ann")
	b := s.open(t)
	b.run(chromedp.Navigate(s.page))
	names := eval[int](b, `[...document.querySelectorAll("a, button, input, select")].filter(e => e.getClientRects().length && !(e.textContent.trim() || e.getAttribute("aria-label") || e.labels?.length)).length`)
	require.Zero(t, names, "all that can be focused has a name")
	require.Equal(t, "en", eval[string](b, `document.documentElement.lang`))
	b.run(chromedp.KeyEvent("\t"), chromedp.KeyEvent("\t"))
	require.Equal(t, "var", eval[string](b, `document.activeElement.name`))
	require.NotEqual(t, "none", eval[string](b, `getComputedStyle(document.activeElement).outlineStyle`))
}
