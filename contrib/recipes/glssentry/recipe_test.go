package glssentry_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/recipes/glssentry"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glstest"
	"github.com/seed18162548/contextvars/spawn"
)

type event struct {
	Message string
	Tags    map[string]string
}

// Sentry's own client, over HTTP to a server that keeps the events.
func TestScopesBelongToGoroutines(t *testing.T) {
	glstest.CheckLeaks(t)
	got := make(chan event, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		lines := bufio.NewScanner(r.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() { // an envelope has a line of JSON for each event
			var e event
			if json.Unmarshal(lines.Bytes(), &e) == nil && e.Message != "" {
				got <- e
			}
		}
	}))
	defer server.Close()

	tenant := gls.New[string]("tenant")
	dsn := strings.Replace(server.URL, "http://", "http://key@", 1) + "/1"
	require.NoError(t, sentry.Init(sentry.ClientOptions{Dsn: dsn}))
	sentry.ConfigureScope(func(s *sentry.Scope) { s.AddEventProcessor(glssentry.Tag(tenant)) })

	var all spawn.WaitGroup
	want := map[string]map[string]string{"outside": nil}
	for i := range 8 {
		name := fmt.Sprint("t", i)
		want[name] = map[string]string{"tenant": name, "job": name, "parent": "yes"}
		want[name+" spawned"] = map[string]string{"tenant": name, "job": name, "child": "yes"}
		all.Go(func() {
			defer tenant.Set(name).Reset()
			glssentry.WithScope(func(s *sentry.Scope) {
				s.SetTag("job", name)
				_, err := spawn.Start(func() (int, error) {
					glssentry.Hub().Scope().SetTag("child", "yes")
					glssentry.Hub().CaptureMessage(name + " spawned")
					return 0, nil
				}).Wait()
				if err != nil {
					t.Error(err)
				}
				s.SetTag("parent", "yes")
				glssentry.Hub().CaptureMessage(name)
			})
		})
	}
	all.Wait()
	glssentry.Hub().CaptureMessage("outside")
	require.True(t, sentry.Flush(10*time.Second))
	require.Len(t, got, len(want))
	for range len(want) {
		e := <-got
		require.Equal(t, want[e.Message], e.Tags, e.Message)
		delete(want, e.Message)
	}
	require.Zero(t, gls.Live())
}
