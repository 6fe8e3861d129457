package registry_test

import (
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/hook"
	"github.com/seed18162548/contextvars/internal/registry"
	"github.com/seed18162548/contextvars/spawn"
)

var who = gls.New[string]("who")

// boundIn returns the value that v is bound to in e.
func boundIn[T any](v *gls.Var[T], e registry.Entry) (T, bool) {
	c := gls.NewContext()
	hook.Context(c).SetRoot(e.Root)
	return v.In(c)
}

// entryOf returns the entry of goroutine id and reports whether there is one.
func entryOf(id int64) (found registry.Entry, ok bool) {
	for _, e := range registry.Entries() {
		if e.ID == id {
			found, ok = e, true
		}
	}
	return found, ok
}

func TestEntriesShowTheContextThatAGoroutineIsIn(t *testing.T) {
	id := goroutine.ID()
	_, ok := entryOf(id)
	require.False(t, ok, "reading creates no state, and nothing is bound yet")

	token := who.Set("base")
	e, ok := entryOf(id)
	require.True(t, ok)
	require.Equal(t, registry.BaseScope, e.Kind)
	require.False(t, e.Ended)
	x, _ := boundIn(who, e)
	require.Equal(t, "base", x)

	gls.NewContext().Run(func() {
		e, _ := entryOf(id)
		require.Equal(t, registry.ContextScope, e.Kind)
		require.Nil(t, e.Root, "the Context is empty; what is bound in the base is not seen here")
		who.Set("explicit")
		e, _ = entryOf(id)
		x, _ := boundIn(who, e)
		require.Equal(t, "explicit", x)
	})

	token.Reset()
	_, ok = entryOf(id)
	require.False(t, ok)
}

func TestEntriesListEveryGoroutine(t *testing.T) {
	const n = 2000
	var (
		bound   sync.WaitGroup
		release = make(chan struct{})
		ended   sync.WaitGroup
		ids     [n]int64
	)
	bound.Add(n)
	ended.Add(n)
	for i := 0; i < n; i++ {
		i := i
		go func() {
			defer ended.Done()
			defer who.Set(strconv.Itoa(i)).Reset()
			ids[i] = goroutine.ID()
			bound.Done()
			<-release
		}()
	}
	bound.Wait()
	byID := make(map[int64]registry.Entry)
	for _, e := range registry.Entries() {
		_, twice := byID[e.ID]
		require.False(t, twice, "goroutine %d", e.ID)
		byID[e.ID] = e
	}
	for i, id := range ids {
		x, ok := boundIn(who, byID[id])
		require.True(t, ok)
		require.Equal(t, strconv.Itoa(i), x)
	}
	close(release)
	ended.Wait()
}

// TestEntriesNeverMixGoroutines has goroutines come, go and pass Contexts on
// while others list them: every binding that is seen names the goroutine, or
// the Context, that it was made in.
func TestEntriesNeverMixGoroutines(t *testing.T) {
	const (
		workers = 4
		rounds  = 1500
	)
	var (
		busy   sync.WaitGroup
		stop   atomic.Bool
		shared = gls.NewContext()
		v      = gls.New[string]("v")
	)
	shared.Run(func() { v.Set("shared") })
	busy.Add(workers)
	for w := 0; w < workers; w++ {
		go func() {
			defer busy.Done()
			for i := 0; i < rounds; i++ {
				var one spawn.WaitGroup
				one.Go(func() {
					me := strconv.FormatInt(goroutine.ID(), 10)
					token := v.Set(me)
					_ = shared.TryRun(func() { v.Set("shared") })
					token.Reset()
					v.With(me, func() {})
				})
				one.Wait()
			}
		}()
	}
	var readers sync.WaitGroup
	readers.Add(2)
	for r := 0; r < 2; r++ {
		go func() {
			defer readers.Done()
			for ; !stop.Load(); runtime.Gosched() {
				for _, e := range registry.Entries() {
					x, ok := boundIn(v, e)
					switch {
					case !ok:
					case e.Kind == registry.BaseScope && x != strconv.FormatInt(e.ID, 10):
						t.Errorf("goroutine %d is shown with the base of %s", e.ID, x)
					case e.Kind == registry.ContextScope && !strings.HasPrefix(x, "shared"):
						t.Errorf("goroutine %d is shown in a Context with %s", e.ID, x)
					}
				}
			}
		}()
	}
	busy.Wait()
	stop.Store(true)
	readers.Wait()
}

func TestEntriesTellWhichGoroutinesHaveEnded(t *testing.T) {
	if !goroutine.FastLiveness {
		return // it is not known, and Ended is documented to be false
	}
	ids := make(chan int64)
	go func() {
		who.Set("left behind")
		ids <- goroutine.ID()
	}()
	id := <-ids
	require.Eventually(t, func() bool {
		e, ok := entryOf(id)
		return !ok || e.Ended // a collection may have swept it already
	}, waitFor, tick)
}
