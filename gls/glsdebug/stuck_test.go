package glsdebug_test

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsdebug"
)

// A blocker is a value whose String method waits.
type blocker struct {
	called  chan struct{} // gets one for each call
	release chan struct{}
}

func (b *blocker) String() string {
	b.called <- struct{}{}
	<-b.release
	return "released"
}

// TestStringThatBlocks checks that a String method that blocks holds up only
// the request that called it, however many goroutines have such values.
func TestStringThatBlocks(t *testing.T) {
	blocking := gls.New[*blocker]("blocking")
	b := &blocker{called: make(chan struct{}, 100), release: make(chan struct{})}
	crowd(t, 5, func(int) { blocking.Set(b); visible.Set("beside it") })
	page := serve(t, glsdebug.Visible(blocking, visible))
	release := sync.OnceFunc(func() { close(b.release) })
	t.Cleanup(release) // before the server waits for the request

	held := make(chan string, 1)
	go func() {
		r, err := http.NewRequest("GET", page+"?var=blocking&format=text", nil)
		if err != nil {
			t.Error(err)
			return
		}
		r.Header.Set("Authorization", "Bearer "+token)
		held <- answer(t, r)
	}()
	<-b.called

	for _, form := range []string{"?var=blocking&format=text", "?var=blocking", "?var=blocking&format=json", "?var=blocking&value=x", "?value=beside+it", "?format=prometheus"} {
		body, _ := get(t, page+form)
		require.NotContains(t, body, "released", form)
	}
	body, _ := get(t, page+"?var=blocking&format=text")
	require.Contains(t, body, "blocking=(*glsdebug_test.blocker, whose method does not return)")
	require.Contains(t, body, `visible="beside it"`)
	list := rows(t, page+"?var=blocking")
	for _, b := range list[0].Bindings {
		require.Equal(t, b.Var == "blocking", b.Stuck)
		require.Equal(t, b.Var == "blocking", b.Type == "*glsdebug_test.blocker")
	}
	_, body = post(t, page+"?var=blocking&stacks=grouped&format=text", nil, "X-Gls-Stacks", "yes")
	require.Contains(t, body, "whose method does not return")
	require.Empty(t, b.called, "nobody else was lost to it")

	release()
	require.Contains(t, <-held, `blocking="released"`)
	body, _ = get(t, page+"?var=blocking")
	require.Contains(t, body, "released")
}

// answer returns the text that r is answered with.
func answer(t *testing.T, r *http.Request) string {
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

// ender is a value whose String method ends the goroutine that calls it.
type ender struct{}

func (ender) String() string { runtime.Goexit(); return "" }

// TestStringThatEndsTheGoroutine leaves the page to others.
func TestStringThatEndsTheGoroutine(t *testing.T) {
	ending := gls.New[ender]("ending")
	page := serve(t, glsdebug.Visible(ending))
	crowd(t, 2, func(int) { ending.Set(ender{}) })
	for i := 0; i < 3; i++ {
		r := newRequest(t, "GET", page+"?var=ending", "Authorization", "Bearer "+token)
		_, err := http.DefaultClient.Do(r) //nolint:bodyclose // there is none
		require.Error(t, err)
	}
	body, _ := get(t, page+"?var=visible")
	require.Contains(t, body, "No goroutine matches.")
}

// slowly is a value whose String method says if it is called by two goroutines
// at once.
type slowly struct{ calls, overlaps *atomic.Int32 }

func (s slowly) String() string {
	if s.calls.Add(1) > 1 {
		s.overlaps.Add(1)
	}
	runtime.Gosched()
	s.calls.Add(-1)
	return "slow"
}

// TestViewsOverlap checks that many simultaneous views all show all values, and
// call methods one after the other.
func TestViewsOverlap(t *testing.T) {
	defer glsdebug.SetCallPatience(time.Hour)()
	slow := gls.New[slowly]("slow")
	v := slowly{new(atomic.Int32), new(atomic.Int32)}
	crowd(t, 50, func(int) { slow.Set(v) })
	page := serve(t, glsdebug.Visible(slow))
	var wg sync.WaitGroup
	for i := 0; i < 8; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r, err := http.NewRequest("GET", page+"?var=slow&format=text", nil)
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Authorization", "Bearer "+token)
			if n := strings.Count(answer(t, r), `slow="slow"`); n != 50 {
				t.Errorf("%d values of 50", n)
			}
		}()
	}
	wg.Wait()
	require.Zero(t, v.overlaps.Load())
}
