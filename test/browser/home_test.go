//go:build gls_browser

package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestOrdersForm places orders by the form on the first page of
// examples/orders: the answer names the user that was typed, even if it is an
// error.
func TestOrdersForm(t *testing.T) {
	p := startOrders(t)
	b := open(t)
	const answer = `document.querySelector("#answer").textContent`
	b.run(
		chromedp.Navigate(p.url+"/"),
		chromedp.SetValue(`#user`, "eva", chromedp.ByQuery),
		chromedp.Click(`button`, chromedp.ByQuery),
	)
	b.until(answer + `.startsWith("201 ")`)
	placed := eval[string](b, answer)
	require.Contains(t, placed, "X-User: eva\n")
	require.Contains(t, placed, `"user": "eva"`)
	require.Equal(t, "PO-2", eval[string](b, `document.querySelector("#po").value`), "the next one")

	b.run(
		chromedp.SetValue(`#item`, "lamp", chromedp.ByQuery),
		chromedp.Click(`button`, chromedp.ByQuery),
	)
	b.until(answer + `.startsWith("409 ")`)
	refused := eval[string](b, answer)
	require.Contains(t, refused, "out of stock")
	require.Contains(t, refused, "user=eva")
	b.wellBehaved(p.url)
}
