package test_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glshttp"
	"github.com/seed18162548/contextvars/spawn"
)

var (
	user = gls.New[string]("user")
	left = gls.New[string]("left") // handlers bind it and never reset it

	exports = glshttp.Exports(glsexport.Export(user, "user", glsexport.String()))
	trusted = glshttp.Trust(func(*http.Request) bool { return true })
)

// whoami is what all routers serve: who it is for, here and in a goroutine, and
// what an earlier request left.
func whoami() (string, error) {
	task := spawn.Start(func() (string, error) { return user.Get() + " " + glshttp.ID.Get(), glsctx.Current().Err() })
	elsewhere, err := task.Wait()
	answer := user.Get() + " " + elsewhere + " " + left.GetOr("clean")
	left.Set("dirty")
	return answer, err
}

// A router is one way to build a service on net/http.
type router struct {
	name  string
	build func() http.Handler
	ask   func(c *http.Client, url string) (string, error)
}

func plainly(c *http.Client, url string) (string, error) {
	resp, err := c.Get(url + "/who/am/i")
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = errors.New(resp.Status)
	}
	return string(body), err
}

var routers = []router{
	{"chi", func() http.Handler {
		r := chi.NewRouter()
		r.Use(glshttp.RequestID(), glshttp.Extract(exports, trusted))
		r.Route("/who", func(r chi.Router) {
			r.Get("/am/{x}", func(w http.ResponseWriter, r *http.Request) {
				answer, err := whoami()
				_, _ = fmt.Fprint(w, answer)
				if err != nil || chi.URLParam(r, "x") != "i" {
					panic(fmt.Sprint(err, chi.URLParam(r, "x")))
				}
			})
		})
		return r
	}, plainly},
	{"echo", func() http.Handler {
		e := echo.New()
		e.Use(echo.WrapMiddleware(glshttp.RequestID()), echo.WrapMiddleware(glshttp.Extract(exports, trusted)))
		e.GET("/who/am/:x", func(c echo.Context) error {
			answer, err := whoami()
			if err != nil {
				return err
			}
			return c.String(http.StatusOK, answer)
		})
		return e
	}, plainly},
	{"gin", func() http.Handler {
		gin.SetMode(gin.ReleaseMode)
		e := gin.New()
		e.GET("/who/am/:x", func(c *gin.Context) {
			answer, err := whoami()
			if err != nil {
				_ = c.AbortWithError(http.StatusInternalServerError, err)
				return
			}
			c.String(http.StatusOK, answer)
		})
		return glshttp.RequestID()(glshttp.Extract(exports, trusted)(e))
	}, plainly},
	{"connect", func() http.Handler {
		mux := http.NewServeMux()
		mux.Handle(procedure, connect.NewUnaryHandler(procedure,
			func(context.Context, *connect.Request[wrapperspb.StringValue]) (*connect.Response[wrapperspb.StringValue], error) {
				answer, err := whoami()
				return connect.NewResponse(wrapperspb.String(answer)), err
			}, connect.WithInterceptors(connect.UnaryInterceptorFunc(stamp))))
		return glshttp.RequestID()(glshttp.Extract(exports, trusted)(mux))
	}, func(c *http.Client, url string) (string, error) {
		client := connect.NewClient[wrapperspb.StringValue, wrapperspb.StringValue](c, url+procedure)
		resp, err := client.CallUnary(context.Background(), connect.NewRequest(wrapperspb.String("")))
		if err != nil {
			return "", err
		}
		if got := resp.Header().Get("X-Seen-By-Interceptor"); got != user.Get() {
			return "", fmt.Errorf("the interceptor saw %q", got)
		}
		return resp.Msg.GetValue(), nil
	}},
}

const procedure = "/who.v1.WhoService/AmI"

// stamp is an interceptor that tells whom it saw.
func stamp(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		resp, err := next(ctx, req)
		if err == nil {
			resp.Header().Set("X-Seen-By-Interceptor", user.Get())
		}
		return resp, err
	}
}

// withID sets the request's ID, as a proxy in front would.
type withID struct {
	next http.RoundTripper
	id   string
}

func (w withID) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("X-Request-ID", w.id)
	resp, err := w.next.RoundTrip(req)
	if err == nil && resp.Header.Get("X-Request-ID") != w.id {
		resp.Body.Close()
		return nil, fmt.Errorf("echoed %q", resp.Header.Get("X-Request-ID"))
	}
	return resp, err
}

// Many clients ask at the same time over few connections that are kept alive;
// nobody is ever taken for another.
func TestRouters(t *testing.T) {
	for _, r := range routers {
		for _, timeout := range []bool{false, true} {
			for _, http2 := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/timeout=%t/http2=%t", r.name, timeout, http2), func(t *testing.T) {
					h := r.build()
					if timeout {
						h = glshttp.TimeoutHandler(h, time.Minute, "")
					}
					before := glshttp.ReadStats()
					served := &served{next: glshttp.Handler(h, glshttp.BindContext())}
					s := httptest.NewUnstartedServer(served)
					s.EnableHTTP2 = http2
					if http2 {
						s.StartTLS()
					} else {
						s.Start()
					}
					const workers, each = 8, 25
					var wg sync.WaitGroup
					for w := 0; w < workers; w++ {
						wg.Add(1)
						go func() {
							defer wg.Done()
							for i := 0; i < each; i++ {
								askAs(t, r, s, fmt.Sprintf("worker-%d-%d", w, i))
							}
						}()
					}
					wg.Wait()
					s.Close()
					served.Wait()
					after := glshttp.ReadStats()
					require.EqualValues(t, workers*each, after.Requests-before.Requests)
					require.EqualValues(t, workers*each, after.Leaky-before.Leaky, "each left one variable bound")
				})
			}
		}
	}
}

// served waits for handlers to return. A server does not: an HTTP/2 stream ends
// before its handler.
type served struct {
	sync.WaitGroup
	next http.Handler
}

func (s *served) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Add(1)
	defer s.Done()
	s.next.ServeHTTP(w, r)
}

// askAs asks as name, and checks that the answer is for name.
func askAs(t *testing.T, r router, s *httptest.Server, name string) {
	defer user.Set(name).Reset()
	id := "id-" + name
	base := s.Client().Transport
	c := &http.Client{Transport: withID{glshttp.Transport(base, exports), id}}
	got, err := r.ask(c, s.URL)
	if want := strings.Join([]string{name, name, id, "clean"}, " "); err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}
