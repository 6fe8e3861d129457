//go:build gls_browser

package browser

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// A program is examples/orders, serving in a process of its own. Its price
// service is the test's, so that the test decides which requests wait.
type program struct {
	url   string
	page  string         // of glsdebug, with the token
	asked chan struct{}  // gets one for each price that a held request asks
	ids   sync.Map       // of the held requests
	held  []<-chan error // what came of them
}

// startOrders starts the program. Requests that are held wait for their prices
// until the test ends.
func startOrders(t *testing.T) *program {
	t.Helper()
	p := &program{asked: make(chan struct{}, 2*suppliers)}
	release := make(chan struct{})
	prices := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, held := p.ids.Load(r.Header.Get("X-Request-Id")); held {
			p.asked <- struct{}{}
			<-release
		}
		fmt.Fprintf(w, `{"supplier":%q,"cents":5}`, r.FormValue("supplier"))
	}))
	t.Cleanup(prices.Close)

	binary := filepath.Join(t.TempDir(), "orders")
	build := exec.Command("go", "-C", "../../examples", "build", "-o", binary, "./orders")
	text, err := build.CombinedOutput()
	require.NoError(t, err, "%s", text)
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer log.Close()
	cmd := exec.Command(binary, "-serve", "127.0.0.1:0", "-prices", prices.URL)
	cmd.Stderr = log
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	out := bufio.NewReader(stdout)
	t.Cleanup(func() {
		close(release)
		for _, answered := range p.held {
			require.NoError(t, <-answered)
		}
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		_, err := io.Copy(io.Discard, out)
		require.NoError(t, err)
		require.NoError(t, cmd.Wait())
	})
	for _, field := range []*string{&p.url, &p.page} {
		line, err := out.ReadString('\n')
		require.NoError(t, err)
		*field = regexp.MustCompile(`http://[^,\s]+`).FindString(line)
		require.NotEmpty(t, *field, line)
	}
	return p
}

// order places an order and waits for the answer.
func (p *program) order(id, user, agent string) error {
	r, err := http.NewRequest(http.MethodPut, p.url+"/orders/PO-"+id, strings.NewReader(`{"item":"bolt","quantity":1}`))
	if err != nil {
		return err
	}
	r.Header.Set("X-Request-Id", id)
	r.Header.Set("X-User", user)
	r.Header.Set("User-Agent", agent)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusCreated {
		err = fmt.Errorf("%s: %s", resp.Status, text)
	}
	return err
}

// hold places an order that is not answered before the test ends. When it
// returns, all suppliers have been asked.
func (p *program) hold(t *testing.T, id, user, agent string) {
	t.Helper()
	p.ids.Store(id, true)
	answered := make(chan error, 1)
	go func() { answered <- p.order(id, user, agent) }()
	p.held = append(p.held, answered)
	for range suppliers {
		<-p.asked
	}
}

// load places orders without end, from several clients at once.
func (p *program) load(t *testing.T) {
	t.Helper()
	stop := make(chan struct{})
	var clients, first sync.WaitGroup
	for c := range 4 {
		first.Add(1)
		clients.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := p.order(fmt.Sprintf("load-%d-%d", c, i), "load", "load"); err != nil {
					t.Errorf("load: %v", err)
				}
				if i == 0 {
					first.Done()
				}
			}
		})
	}
	first.Wait()
	t.Cleanup(func() { close(stop); clients.Wait() })
}

// TestOrdersUnderLoad looks at one request of many: the page shows exactly its
// goroutines, and the markup that its client calls itself is text.
func TestOrdersUnderLoad(t *testing.T) {
	const attack = `"><script>alert(1);window.hit=1</script><img src=x onerror="window.hit=1">`
	p := startOrders(t)
	p.hold(t, "held-1", "ann", attack)
	p.hold(t, "held-10", "ann", "curl/8.5.0")
	p.load(t)

	b := open(t)
	b.run(chromedp.Navigate(p.page))
	b.until(`document.documentElement.classList.contains("live")`)
	b.run(
		chromedp.SetValue(`select[name=var]`, "request_id", chromedp.ByQuery),
		chromedp.SendKeys(`input[name=value]`, "held-1", chromedp.ByQuery),
	)
	// The request's own goroutine, and one for each supplier.
	b.until(`document.querySelectorAll("tbody tr").length == 4 && location.search.includes("value=held-1")`)
	require.Equal(t, goroutinesOf(t, p.page, "held-1"), eval[[]string](b, shown))
	values := eval[string](b, `document.querySelector("table").textContent`)
	require.Contains(t, values, "PUT /orders/{po}")
	require.NotContains(t, values, "held-10")
	require.NotContains(t, values, "load-")
	require.Equal(t, 4, strings.Count(values, attack), values)
	require.Zero(t, eval[int](b, `document.querySelectorAll("td img, td script").length`))
	require.True(t, eval[bool](b, `window.hit === undefined`))
	b.shoot("orders")
	b.wellBehaved(p.url)
}
