package glsfiber2_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsfasthttp"
	"github.com/seed18162548/contextvars/contrib/recipes/glsfiber2"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glshttp"
	"github.com/seed18162548/contextvars/gls/glstest"
	"github.com/seed18162548/contextvars/spawn"
)

var user, tenant = gls.New[string]("user"), gls.New[string]("tenant")

// fiber's own server, with one connection that is kept.
func TestRequestsHaveTheirOwn(t *testing.T) {
	glstest.CheckLeaks(t)
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	header := func(name string) func(*fiber.Ctx) (string, bool) {
		return func(c *fiber.Ctx) (string, bool) { return c.Get(name), c.Get(name) != "" }
	}
	audited, more := make(chan string), make(chan struct{})
	app.Use(glsfiber2.Isolate, glsfiber2.Use(glsfasthttp.RequestID()), glsfiber2.Bind(user, header("X-User")))
	app.Get("/", func(c *fiber.Ctx) error {
		before := tenant.Get()
		tenant.Set("left by " + user.Get())
		who := c.Get("X-User") // not a copy
		spawn.Go(func() {
			<-more
			audited <- user.Get() + " " + who
		})
		return c.SendString(fmt.Sprintf("%s %q %s", user.Get(), before, glshttp.ID.Get()))
	})
	app.Get("/error", func(*fiber.Ctx) error { return errors.New("no") })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- app.Listener(listener) }()

	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	get := func(path string, headers ...string) (string, *http.Response) {
		r, err := http.NewRequest("GET", "http://"+listener.Addr().String()+path, nil)
		require.NoError(t, err)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		answer, err := client.Do(r)
		require.NoError(t, err)
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		return string(body), answer
	}
	for _, who := range []string{"ann", "bob", "eva"} {
		body, answer := get("/", "X-User", who, "X-Request-ID", "id-of-"+who)
		require.Equal(t, who+` "" id-of-`+who, body)
		require.Equal(t, []string{"id-of-" + who}, answer.Header.Values("X-Request-Id"))
	}
	_, answer := get("/error", "X-Request-ID", "id-7")
	require.Equal(t, http.StatusInternalServerError, answer.StatusCode)
	require.Equal(t, "id-7", answer.Header.Get("X-Request-Id"))
	client.CloseIdleConnections()
	require.NoError(t, app.Shutdown())
	require.NoError(t, <-ended)

	close(more)
	users, changed := map[string]bool{}, 0
	for i := 0; i < 3; i++ {
		var bound, who string
		_, err := fmt.Sscan(<-audited, &bound, &who)
		require.NoError(t, err)
		users[bound] = true
		if bound != who {
			changed++
		}
	}
	require.Equal(t, map[string]bool{"ann": true, "bob": true, "eva": true}, users)
	require.Positive(t, changed, "else nothing was used again, and this test shows nothing")
}
