package docs_test

import (
	"context"
	"runtime"
	"sort"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glstest"
	"github.com/seed18162548/contextvars/spawn"
)

// awaited calls start with a function that calls see, and waits for it.
func awaited(start func(f func()), see func()) {
	done := make(chan struct{})
	start(func() { defer close(done); see() })
	<-done
}

func init() {
	visibilityRows = append(visibilityRows, []visibilityRow{
		{"a function called, and its `defer`s", true, "", func(_ *testing.T, see func()) {
			func() { defer see(); see() }()
		}},
		{"`defer` while a panic goes up", true, "", func(_ *testing.T, see func()) {
			defer func() { _ = recover() }()
			defer see()
			panic("boom")
		}},
		{"a callback before the call returns (`sort.Slice`, `sync.Once`)", true, "", func(_ *testing.T, see func()) {
			sort.Slice([]int{2, 1}, func(i, j int) bool { see(); return i < j })
			new(sync.Once).Do(see)
		}},
		{"`singleflight.Group.Do`, for the caller that is first", true, "", func(t *testing.T, see func()) {
			_, err, _ := new(singleflight.Group).Do("k", func() (any, error) { see(); return nil, nil })
			require.NoError(t, err)
		}},
		{"`singleflight.Group`, for those that wait for another's call", false, "", lookInAnothersFlight},
		{"`singleflight.Group.DoChan`", false, "", func(_ *testing.T, see func()) {
			<-new(singleflight.Group).DoChan("k", func() (any, error) { see(); return nil, nil })
		}},
		{"`go`", false, "", func(_ *testing.T, see func()) {
			awaited(func(f func()) { go f() }, see)
		}},
		{"`go gls.Wrap(f)()`", true, "", func(_ *testing.T, see func()) {
			awaited(func(f func()) { go gls.Wrap(f)() }, see)
		}},
		{"`spawn.Go`, `spawn.Start`, `spawn.Gather`", true, "", func(t *testing.T, see func()) {
			awaited(spawn.Go, see)
			task := func() (int, error) { see(); return 0, nil }
			_, err := spawn.Start(task).Wait()
			require.NoError(t, err)
			_, err = spawn.Gather(task, task)
			require.NoError(t, err)
		}},
		{"`spawn.Detached`", false, "", func(_ *testing.T, see func()) {
			awaited(spawn.Detached, see)
		}},
		{"the receiver of a channel", false, "", func(_ *testing.T, see func()) {
			jobs, done := make(chan func()), make(chan struct{})
			go func() {
				defer close(done)
				for job := range jobs {
					job()
				}
			}()
			jobs <- see
			close(jobs)
			<-done
		}},
		{"the receiver of a channel, of `gls.Wrap(f)`", true, "", func(_ *testing.T, see func()) {
			jobs, done := make(chan func()), make(chan struct{})
			go func() { defer close(done); (<-jobs)() }()
			jobs <- gls.Wrap(see)
			<-done
		}},
		{"the receiver of a channel, of a struct with `gls.CopyContext()`, in its `Run`", true, "", func(_ *testing.T, see func()) {
			type message struct{ bindings *gls.Context }
			messages, done := make(chan message), make(chan struct{})
			go func() { defer close(done); (<-messages).bindings.Run(see) }()
			messages <- message{gls.CopyContext()}
			<-done
		}},
		{"`errgroup.Group.Go`", false, "", func(t *testing.T, see func()) {
			var g errgroup.Group
			g.Go(func() error { see(); return nil })
			require.NoError(t, g.Wait())
		}},
		{"`spawn.Group.Go`, `spawn.WaitGroup.Go`", true, "", func(t *testing.T, see func()) {
			var g spawn.Group
			g.Go(func() error { see(); return nil })
			require.NoError(t, g.Wait())
			var wg spawn.WaitGroup
			wg.Go(see)
			wg.Wait()
		}},
		{"`time.AfterFunc`", false, "", func(_ *testing.T, see func()) {
			awaited(func(f func()) { time.AfterFunc(0, f) }, see)
		}},
		{"`spawn.AfterFunc`", true, "", func(_ *testing.T, see func()) {
			awaited(func(f func()) { spawn.AfterFunc(0, f) }, see)
		}},
		{"`context.AfterFunc`", false, "", func(_ *testing.T, see func()) {
			ctx, cancel := context.WithCancel(context.Background())
			awaited(func(f func()) { context.AfterFunc(ctx, f); cancel() }, see)
		}},
		{"`spawn.ContextAfterFunc`", true, "", func(_ *testing.T, see func()) {
			ctx, cancel := context.WithCancel(context.Background())
			awaited(func(f func()) { spawn.ContextAfterFunc(ctx, f); cancel() }, see)
		}},
		{"a `context.Context`, by itself", false, "", func(_ *testing.T, see func()) {
			awaited(func(f func()) { go gls.RunFrom(context.Background(), f) }, see)
		}},
		{"a `context.Context` made by `gls.Into`, in `gls.RunFrom`", true, "", func(_ *testing.T, see func()) {
			ctx := gls.Into(context.Background())
			awaited(func(f func()) { go gls.RunFrom(ctx, f) }, see)
		}},
		{"`t.Run`", false, "", func(t *testing.T, see func()) {
			require.True(t, t.Run("sub", func(*testing.T) { see() }))
		}},
		{"`glstest.Run`", true, "", func(t *testing.T, see func()) {
			require.True(t, glstest.Run(t, "sub", func(*testing.T) { see() }))
		}},
		{"a finalizer", false, "", func(_ *testing.T, see func()) {
			done := make(chan struct{})
			runtime.SetFinalizer(&struct{ p *int }{new(int)}, func(any) { defer close(done); see() })
			collectUntil(done)
		}},
	}...)
}

// lookInAnothersFlight waits, with visible bound, for a call that a goroutine
// without it has begun. It joins by DoChan, which returns when it has joined.
func lookInAnothersFlight(t *testing.T, see func()) {
	var (
		g              singleflight.Group
		begun, proceed = make(chan struct{}), make(chan struct{})
	)
	go func() {
		_, _, _ = g.Do("k", func() (any, error) { close(begun); <-proceed; see(); return nil, nil })
	}()
	<-begun
	joined := g.DoChan("k", func() (any, error) { t.Error("not joined"); return nil, nil })
	close(proceed)
	require.True(t, (<-joined).Shared)
}

// collectUntil collects garbage until done is closed.
func collectUntil(done <-chan struct{}) {
	for {
		runtime.GC()
		select {
		case <-done:
			return
		default:
			runtime.Gosched()
		}
	}
}
