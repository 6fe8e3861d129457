//go:build gls_browser

package browser

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sort"
	"strconv"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsdebug"
	"github.com/seed18162548/contextvars/gls/glshttp"
	"github.com/seed18162548/contextvars/spawn"
)

var (
	requestID = gls.New[string]("request_id")
	user      = gls.New[string]("user")
	route     = gls.New[string]("route")
	supplier  = gls.New[string]("supplier")
	session   = gls.New[string]("session_token") // not visible
)

// A service answers requests for prices, for each of which it asks several
// suppliers at once. It stands in for a program that has the page.
type service struct {
	url  string // of the service
	page string // of glsdebug

	mu    sync.Mutex
	held  map[string]*hold // by request ID; guarded by mu
	posts []*http.Request  // to the page; guarded by mu
}

// token opens the page.
const token = "of-the-tests"

// A hold keeps a request from being answered.
type hold struct {
	waiting sync.WaitGroup // for all its goroutines to wait for release
	release chan struct{}
}

const suppliers = 3

func start(t *testing.T, opts ...glsdebug.Option) *service {
	t.Helper()
	s := &service{held: make(map[string]*hold)}
	mux := http.NewServeMux()
	mux.HandleFunc("/prices", s.prices)
	mux.HandleFunc("/forgetful", func(http.ResponseWriter, *http.Request) { user.Set("never reset") })
	top := http.NewServeMux()
	top.Handle("/", glshttp.Handler(mux))
	page := glsdebug.Handler(append([]glsdebug.Option{
		glsdebug.Visible(requestID, user, route, supplier), glsdebug.Track(), glsdebug.Token(token),
	}, opts...)...)
	top.HandleFunc("/debug/gls", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			s.mu.Lock()
			s.posts = append(s.posts, r)
			s.mu.Unlock()
		}
		page.ServeHTTP(w, r)
	})
	server := httptest.NewServer(top)
	t.Cleanup(server.Close)
	s.url, s.page = server.URL, server.URL+"/debug/gls"
	return s
}

// open starts Chromium and opens the page by its token, once.
func (s *service) open(t *testing.T, options ...chromedp.ExecAllocatorOption) *tab {
	t.Helper()
	b := open(t, options...)
	b.run(chromedp.Navigate(s.page + "?token=" + token))
	return b
}

func (s *service) prices(w http.ResponseWriter, r *http.Request) {
	defer requestID.Set(r.Header.Get("X-Request-Id")).Reset()
	defer user.Set(r.Header.Get("X-User")).Reset()
	defer route.Set("GET /prices").Reset()
	defer session.Set("s3cr3t-" + r.Header.Get("X-Request-Id")).Reset()
	var g spawn.WaitGroup
	for i := range suppliers {
		g.Go(func() {
			supplier.Set("supplier-" + strconv.Itoa(i))
			s.wait()
		})
	}
	s.wait()
	g.Wait()
	fmt.Fprintln(w, "7.50")
}

// wait waits as long as the current request is held.
func (s *service) wait() {
	s.mu.Lock()
	h := s.held[requestID.Get()]
	s.mu.Unlock()
	if h != nil {
		h.waiting.Done()
		<-h.release
	}
}

// request asks for prices and waits for the answer.
func (s *service) request(id, user string) error { return s.get("/prices", id, user) }

func (s *service) get(path, id, user string) error {
	r, err := http.NewRequest(http.MethodGet, s.url+path, nil)
	if err != nil {
		return err
	}
	r.Header.Set("X-Request-Id", id)
	r.Header.Set("X-User", user)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// holdRequest sends a request that is not answered before the test ends. When
// it returns, the request has suppliers+1 goroutines.
func (s *service) holdRequest(t *testing.T, id, user string) {
	t.Helper()
	h := &hold{release: make(chan struct{})}
	h.waiting.Add(suppliers + 1)
	s.mu.Lock()
	s.held[id] = h
	s.mu.Unlock()
	answered := make(chan error, 1)
	go func() { answered <- s.request(id, user) }()
	t.Cleanup(func() {
		close(h.release)
		if err := <-answered; err != nil {
			t.Errorf("request %s: %v", id, err)
		}
	})
	h.waiting.Wait()
}

// leaveBehind starts a goroutine that stays until the test ends, from one that
// does not.
func (s *service) leaveBehind(t *testing.T) {
	t.Helper()
	release := make(chan struct{})
	var stays, leaves spawn.WaitGroup
	started := make(chan struct{})
	t.Cleanup(func() { close(release); stays.Wait() })
	leaves.Go(func() {
		defer user.Set("long gone").Reset()
		stays.Go(func() {
			close(started)
			<-release
		})
	})
	<-started
	leaves.Wait()
}

// load sends requests without end from several clients until the test ends.
func (s *service) load(t *testing.T) {
	t.Helper()
	stop := make(chan struct{})
	var clients, first sync.WaitGroup
	const n = 4
	clients.Add(n)
	first.Add(n)
	for c := range n {
		go func() {
			defer clients.Done()
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := s.request(fmt.Sprintf("load-%d-%d", c, i), "load"); err != nil {
					t.Errorf("load: %v", err)
				}
				if i == 0 {
					first.Done()
				}
			}
		}()
	}
	first.Wait()
	t.Cleanup(func() { close(stop); clients.Wait() })
}

// goroutinesOf asks the JSON form which goroutines have the request ID bound.
func (s *service) goroutinesOf(t *testing.T, id string) (ids []string) {
	t.Helper()
	return goroutinesOf(t, s.page+"?token="+token, id)
}

// goroutinesOf is the same for any page, whose address has the token.
func goroutinesOf(t *testing.T, page, id string) (ids []string) {
	t.Helper()
	resp, err := http.Get(page + "&format=json&var=request_id&value=" + id)
	require.NoError(t, err)
	defer resp.Body.Close()
	var list struct{ Goroutines []struct{ ID int64 } }
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&list))
	for _, g := range list.Goroutines {
		ids = append(ids, strconv.FormatInt(g.ID, 10))
	}
	sort.Strings(ids)
	return ids
}
