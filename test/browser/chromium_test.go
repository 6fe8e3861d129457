//go:build gls_browser

package browser

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// patience is how long a page may take to become what a test waits for.
const patience = 60 * time.Second

// A tab is a page in a browser of its own, which notes what the page did
// besides.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	requests []string // addresses that the page loaded; guarded by mu
	console  []string // what it complained about; guarded by mu
	dialogs  int      // alert and its like; guarded by mu
}

// open starts Chromium with a fresh profile, which chromedp makes and removes,
// and an empty page.
func open(t *testing.T, options ...chromedp.ExecAllocatorOption) *tab {
	t.Helper()
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true),
		chromedp.WindowSize(1280, 900),
	)
	allocator, end := chromedp.NewExecAllocator(context.Background(), append(flags, options...)...)
	t.Cleanup(end)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	ctx, timeout := context.WithTimeout(ctx, patience)
	t.Cleanup(timeout)
	b := &tab{t: t, ctx: ctx}
	require.NoError(t, chromedp.Run(ctx, network.Enable(), runtime.Enable()), "is chromium installed?")
	chromedp.ListenTarget(ctx, b.note)
	return b
}

func (b *tab) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *runtime.EventExceptionThrown:
		b.console = append(b.console, e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		text, _ := json.Marshal(e.Args)
		b.console = append(b.console, string(text))
	case *page.EventJavascriptDialogOpening:
		b.dialogs++
		go func() { _ = chromedp.Run(b.ctx, page.HandleJavaScriptDialog(true)) }()
	}
}

// run does actions, all of which must succeed.
func (b *tab) run(actions ...chromedp.Action) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Run(b.ctx, actions...))
}

// eval returns the value of a JavaScript expression on the page.
func eval[T any](b *tab, expression string) (x T) {
	b.t.Helper()
	b.run(chromedp.Evaluate(expression, &x))
	return x
}

// until waits for a JavaScript expression to be true.
func (b *tab) until(expression string) {
	b.t.Helper()
	for {
		err := chromedp.Run(b.ctx, chromedp.Poll(expression, nil, chromedp.WithPollingInterval(20*time.Millisecond)))
		if err == nil {
			return
		}
		// The page that was asked has made room for the next one.
		require.ErrorContains(b.t, err, "Cannot find context with specified id")
	}
}

// wellBehaved fails if the page loaded anything from elsewhere, ran into its
// Content-Security-Policy, or threw.
func (b *tab) wellBehaved(origin string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	require.NotEmpty(b.t, b.requests)
	for _, url := range b.requests {
		require.Contains(b.t, url, origin)
	}
	require.Empty(b.t, b.console)
	require.Zero(b.t, b.dialogs)
}

// withoutScript turns JavaScript off for the page. Tests go on evaluating: the
// setting is about the page's own.
func withoutScript() chromedp.Action { return emulation.SetScriptExecutionDisabled(true) }

// scheme has the page believe that its user prefers light or dark.
func scheme(name string) chromedp.Action {
	return emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}})
}

// phone gives the page a small touch screen.
func phone() chromedp.Action {
	return chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateScale(2))
}

// shoot keeps a picture of the page, for people to look at, in the directory
// that GLS_SHOTS names.
func (b *tab) shoot(name string) {
	b.t.Helper()
	dir := os.Getenv("GLS_SHOTS")
	if dir == "" {
		return
	}
	var png []byte
	b.run(chromedp.CaptureScreenshot(&png))
	require.NoError(b.t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644))
}

// awaited has an expression's promise waited for.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
