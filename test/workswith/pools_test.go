package workswith_test

import (
	"sync"
	"testing"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc"
	"github.com/sourcegraph/conc/iter"
	"github.com/sourcegraph/conc/pool"
	"github.com/sourcegraph/conc/stream"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// A wrapped ants pool hands identities on: the pool is wrapped once, where it
// is made, and its users submit as before.
type antsPool struct{ *ants.Pool }

func (p antsPool) Submit(job func()) error { return p.Pool.Submit(gls.Wrap(job)) }

func TestAnts(t *testing.T) {
	raw, err := ants.NewPool(4)
	require.NoError(t, err)
	defer raw.Release()
	p := antsPool{raw}
	requireLost(t, func(job func()) { require.NoError(t, raw.Submit(job)) })
	requireKept(t, func(job func()) {
		if err := p.Submit(job); err != nil {
			t.Error(err)
		}
	})
}

// A worker of ants takes what an earlier job has left to the next one's.
func TestAntsWithoutWrap(t *testing.T) {
	p, err := ants.NewPool(1, ants.WithDisablePurge(true)) // a worker that idles stays
	require.NoError(t, err)
	defer p.Release()
	requireShared(t, func(job func()) { require.NoError(t, p.Submit(job)) })
}

// A message holds the sender's bindings, for pools and queues that take values.
type message struct {
	bindings *gls.Context
	answer   chan string
}

func TestAntsPoolWithFunc(t *testing.T) {
	p, err := ants.NewPoolWithFuncGeneric(4, func(m message) {
		m.bindings.Run(func() { m.answer <- seen() })
	})
	require.NoError(t, err)
	defer p.Release()
	requireKnown(t, func() string {
		m := message{gls.CopyContext(), make(chan string)}
		if err := p.Invoke(m); err != nil {
			return err.Error()
		}
		return <-m.answer
	})
}

// A goroutine that takes jobs from a channel does so for many senders.
func TestChannelOfStructs(t *testing.T) {
	plain := make(chan func())
	defer close(plain)
	go func() {
		for job := range plain {
			job()
		}
	}()
	requireLost(t, func(job func()) { plain <- job })
	requireShared(t, func(job func()) { plain <- job })

	queue := make(chan message)
	defer close(queue)
	for range 4 {
		go func() {
			for m := range queue {
				m.bindings.Run(func() { m.answer <- seen() })
			}
		}()
	}
	requireKnown(t, func() string {
		m := message{gls.CopyContext(), make(chan string)}
		queue <- m
		return <-m.answer
	})
}

func TestPond(t *testing.T) {
	p := pond.NewPool(4)
	defer p.StopAndWait()
	requireLost(t, func(job func()) { p.Submit(job) })
	requireKept(t, func(job func()) { p.Submit(gls.Wrap(job)) })
	requireKept(t, func(job func()) {
		p.SubmitErr(gls.WrapErr(func() error { job(); return nil }))
	})
	requireKept(t, func(job func()) { p.NewGroup().Submit(gls.Wrap(job)) })
}

// A worker of pond takes what an earlier job has left to the next one's, if
// that is queued before the worker ends.
func TestPondWithoutWrap(t *testing.T) {
	p := pond.NewPool(1)
	defer p.StopAndWait()
	begin, answers := make(chan struct{}), make(chan string, 2)
	p.Submit(func() { <-begin; answers <- seen() })
	p.Submit(func() { answers <- seen() })
	close(begin)
	require.Equal(t, nobody, <-answers)
	require.Equal(t, "nobody/dirty", <-answers)
}

func TestConc(t *testing.T) {
	requireLost(t, func(job func()) {
		var wg conc.WaitGroup
		wg.Go(job)
		wg.Wait()
	})
	requireKept(t, func(job func()) {
		var wg conc.WaitGroup
		wg.Go(gls.Wrap(job))
		wg.Wait()
	})
}

func TestConcPool(t *testing.T) {
	requireLost(t, func(job func()) {
		p := pool.New().WithMaxGoroutines(2)
		p.Go(job)
		p.Wait()
	})
	requireKept(t, func(job func()) {
		p := pool.New().WithMaxGoroutines(2)
		p.Go(gls.Wrap(job))
		p.Wait()
	})
	requireKept(t, func(job func()) {
		p := pool.New().WithErrors()
		p.Go(gls.WrapErr(func() error { job(); return nil }))
		require.NoError(t, p.Wait())
	})
}

func TestConcIterAndStream(t *testing.T) {
	requireLost(t, func(job func()) { iter.ForEach(make([]int, 1), func(*int) { job() }) })
	requireKept(t, func(job func()) { iter.ForEach(make([]int, 1), gls.Wrap1(func(*int) { job() })) })
	for _, where := range []string{"task", "callback"} {
		in := func(name string, job func()) func() {
			if name == where {
				return job
			}
			return func() {}
		}
		requireLost(t, func(job func()) {
			s := stream.New()
			s.Go(func() stream.Callback { in("task", job)(); return in("callback", job) })
			s.Wait()
		})
		requireKept(t, func(job func()) {
			s := stream.New()
			c := gls.CopyContext()
			s.Go(func() stream.Callback {
				c.Copy().Run(in("task", job))
				return func() { c.Copy().Run(in("callback", job)) }
			})
			s.Wait()
		})
	}
}

func TestErrgroup(t *testing.T) {
	requireLost(t, func(job func()) {
		var g errgroup.Group
		g.Go(func() error { job(); return nil })
		require.NoError(t, g.Wait())
	})
	requireKept(t, func(job func()) {
		var g errgroup.Group
		g.Go(gls.WrapErr(func() error { job(); return nil }))
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
	})
	requireKept(t, func(job func()) {
		var g spawn.Group
		g.Go(func() error { job(); return nil })
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
	})
}

// A flight is one caller's, and others get its result: a loader that reads
// variables would give them that caller's.
func TestSingleflight(t *testing.T) {
	var g singleflight.Group
	first := make(chan string, 1)
	begun, release := make(chan struct{}), make(chan struct{})
	loader := func() (any, error) { return user.GetOr("nobody"), nil }
	slowly := func() (any, error) { close(begun); <-release; return loader() }
	isolated := func() (v any, err error) {
		gls.Isolate(func() { v, err = loader() })
		return v, err
	}

	var wg sync.WaitGroup
	wg.Go(func() {
		defer user.Set("ann").Reset()
		v, err, _ := g.Do("key", slowly)
		if err != nil {
			t.Error(err)
		}
		first <- v.(string)
	})
	<-begun
	defer user.Set("ben").Reset()
	joined := g.DoChan("key", loader)
	close(release)
	result := <-joined
	wg.Wait()
	require.Equal(t, "ann", <-first)
	require.Equal(t, "ann", result.Val, "ben gets what was loaded for ann")

	v, err, _ := g.Do("key", isolated)
	require.NoError(t, err)
	require.Equal(t, "nobody", v, "the loader cannot depend on who is first")
	require.Equal(t, "nobody", (<-g.DoChan("other", loader)).Val, "a goroutine of its own")
}

// New of a sync.Pool runs on the goroutine that calls Get, and what it makes is
// for others, too.
func TestSyncPool(t *testing.T) {
	p := sync.Pool{New: func() any { return user.GetOr("nobody") }}
	defer user.Set("ann").Reset()
	require.Equal(t, "ann", p.Get(), "so New must not read variables")
	gls.Isolate(func() { require.Equal(t, "nobody", p.Get()) })
}
