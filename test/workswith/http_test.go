package workswith_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	coder "github.com/coder/websocket"
	"github.com/gorilla/mux"
	gorilla "github.com/gorilla/websocket"

	"github.com/seed18162548/contextvars/gls/glshttp"
	"github.com/seed18162548/contextvars/spawn"
)

// identify binds the user that a request names.
func identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user.With(r.URL.Query().Get("user"), func() { next.ServeHTTP(w, r) })
	})
}

// requireAnswers serves h inside glshttp.Handler, asks from many goroutines,
// and requires that each sees its own user, and nothing that another left.
func requireAnswers(t *testing.T, h http.Handler, ask func(ctx context.Context, url string) (string, error)) {
	t.Helper()
	var handlers sync.WaitGroup // a hijacked connection's are not awaited by Close
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handlers.Add(1)
		defer handlers.Done()
		glshttp.Handler(identify(h)).ServeHTTP(w, r)
	}))
	defer handlers.Wait()
	defer s.Close()
	var wg sync.WaitGroup
	for c := range 8 {
		wg.Go(func() {
			for j := range 10 {
				name := fmt.Sprintf("client-%d-%d", c, j)
				got, err := ask(t.Context(), s.URL+"/x?user="+name)
				if want := name + "/clean " + name + "/dirty"; err != nil || got != want {
					t.Errorf("got %q, %v; want %q", got, err, want)
				}
			}
		})
	}
	wg.Wait()
}

func get(_ context.Context, url string) (string, error) {
	resp, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

// another returns what a goroutine that spawn starts sees.
func another() string {
	s, _ := spawn.Start(func() (string, error) { return seen(), nil }).Wait()
	return s
}

func TestGorillaMux(t *testing.T) {
	r := mux.NewRouter()
	r.Use(glshttp.RequestID())
	r.HandleFunc("/{what}", func(w http.ResponseWriter, r *http.Request) {
		if mux.Vars(r)["what"] != "x" || glshttp.ID.Get() == "" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, seen(), " ", another())
	})
	requireAnswers(t, r, get)
}

func TestServerSentEvents(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "data: %s %s\n\n", seen(), another())
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-r.Context().Done() // the client ends it, when it has the first event
	})
	requireAnswers(t, h, func(ctx context.Context, url string) (string, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return "", err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		line, err := bufio.NewReader(resp.Body).ReadString('\n')
		return strings.TrimSpace(strings.TrimPrefix(line, "data: ")), err
	})
}

// A websocket's handler keeps the request's goroutine after the handshake, and
// with it its bindings; pumps are started by spawn.Go.
func TestCoderWebsocket(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := coder.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.CloseNow()
		if _, _, err := c.Read(r.Context()); err != nil {
			t.Error(err)
			return
		}
		if err := c.Write(r.Context(), coder.MessageText, []byte(seen()+" "+another())); err != nil {
			t.Error(err)
		}
	})
	requireAnswers(t, h, func(ctx context.Context, url string) (string, error) {
		c, _, err := coder.Dial(ctx, url, nil)
		if err != nil {
			return "", err
		}
		defer c.CloseNow()
		if err := c.Write(ctx, coder.MessageText, []byte("who?")); err != nil {
			return "", err
		}
		_, msg, err := c.Read(ctx)
		return string(msg), err
	})
}

func TestGorillaWebsocket(t *testing.T) {
	var upgrader gorilla.Upgrader
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		var pinged string
		c.SetPingHandler(func(string) error { pinged = user.Get(); return nil })
		if _, _, err := c.ReadMessage(); err != nil || pinged != user.Get() {
			t.Error(err, pinged)
			return
		}
		if err := c.WriteMessage(gorilla.TextMessage, []byte(seen()+" "+another())); err != nil {
			t.Error(err)
		}
	})
	requireAnswers(t, h, func(ctx context.Context, url string) (string, error) {
		c, resp, err := gorilla.DefaultDialer.DialContext(ctx, "ws"+strings.TrimPrefix(url, "http"), nil)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		defer c.Close()
		for _, kind := range []int{gorilla.PingMessage, gorilla.TextMessage} {
			if err := c.WriteMessage(kind, []byte("who?")); err != nil {
				return "", err
			}
		}
		_, msg, err := c.ReadMessage()
		return string(msg), err
	})
}
