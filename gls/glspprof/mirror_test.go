package glspprof_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glspprof"
	"github.com/seed18162548/contextvars/spawn"
)

var (
	tenant = gls.New[string]("tenant")
	route  = gls.New[string]("route")
	shard  = gls.New("shard", gls.Default(3))
	mirror = glspprof.New("request", glspprof.Label(tenant), glspprof.Label(route), glspprof.Label(shard))
)

// goroutines returns the labels of all goroutines that have any, by the value
// of their label "goroutine", which names them. A goroutine of its own takes
// the profile: some releases leave out the labels of the one that does.
func goroutines(t *testing.T) map[string]map[string]string {
	var buf bytes.Buffer
	written := make(chan error)
	go func() {
		pprof.SetGoroutineLabels(context.Background()) // it inherited its parent's
		written <- pprof.Lookup("goroutine").WriteTo(&buf, 0)
	}()
	require.NoError(t, <-written)
	all := make(map[string]map[string]string)
	for _, s := range parseProfile(t, buf.Bytes()) {
		if name, ok := s.labels["goroutine"]; ok {
			delete(s.labels, "goroutine")
			all[name] = s.labels
		}
	}
	return all
}

// named calls f with a context whose labels are those of the goroutine: its
// name, and pairs. It returns a function that reads the goroutine's labels.
func named(t *testing.T, f func(ctx context.Context, labels func() map[string]string), pairs ...string) {
	name := t.Name()
	ctx := pprof.WithLabels(context.Background(), pprof.Labels(append(pairs, "goroutine", name)...))
	pprof.SetGoroutineLabels(ctx)
	defer pprof.SetGoroutineLabels(context.Background())
	f(ctx, func() map[string]string { return labelsOf(t, name) })
}

// labelsOf returns the labels of the goroutine of that name. Profiles of Go
// 1.22 miss a goroutine now and then.
func labelsOf(t *testing.T, name string) (have map[string]string) {
	for i := 0; i < 10 && have == nil; i++ {
		have = goroutines(t)[name]
	}
	return have
}

type labels = map[string]string

func TestDoContext(t *testing.T) {
	named(t, func(ctx context.Context, have func() map[string]string) {
		require.Equal(t, labels{"own": "1"}, have())
		defer tenant.Set("acme").Reset()
		mirror.DoContext(ctx, func(ctx context.Context) {
			require.Equal(t, labels{"own": "1", "tenant": "acme"}, have(), "neither unbound variables nor defaults")
			value, _ := pprof.Label(ctx, "tenant")
			require.Equal(t, "acme", value, "the context has them too")
			require.Equal(t, ctx, glsctx.Current())

			defer tenant.Set("umbrella").Reset()
			require.Equal(t, "acme", have()["tenant"], "a later Set is not mirrored")
		})
		require.Equal(t, labels{"own": "1"}, have())
	}, "own", "1")
}

func TestDoUsesTheImplicitContext(t *testing.T) {
	named(t, func(ctx context.Context, have func() map[string]string) {
		defer tenant.Set("acme").Reset()
		glsctx.With(ctx, func() {
			mirror.Do(func() { require.Equal(t, labels{"own": "1", "tenant": "acme"}, have()) })
			require.Equal(t, labels{"own": "1"}, have())
			require.Equal(t, ctx, glsctx.Current())
		})
		mirror.Do(func() { require.Nil(t, have(), "labels of a context that Do is not given, it cannot keep") })
		require.Nil(t, have())
	}, "own", "1")
}

func TestNested(t *testing.T) {
	named(t, func(ctx context.Context, have func() map[string]string) {
		defer tenant.Set("acme").Reset()
		mirror.DoContext(ctx, func(context.Context) {
			defer route.Set("/orders").Reset()
			defer shard.Set(4).Reset()
			mirror.Do(func() {
				require.Equal(t, labels{"tenant": "acme", "route": "/orders", "shard": "4"}, have())
				defer tenant.Set("umbrella").Reset()
				mirror.Do(func() { require.Equal(t, "umbrella", have()["tenant"]) })
				require.Equal(t, "acme", have()["tenant"])
			})
			require.Equal(t, labels{"tenant": "acme"}, have())
		})
		require.Equal(t, labels{}, have())
	})
}

func TestNothingBound(t *testing.T) {
	named(t, func(_ context.Context, have func() map[string]string) {
		mirror.DoContext(context.Background(), func(ctx context.Context) {
			require.Equal(t, labels{"own": "1"}, have(), "labels are left alone")
			require.Equal(t, ctx, glsctx.Current())
		})
		require.Equal(t, labels{"own": "1"}, have())
	}, "own", "1")
}

func TestRestoredOnPanic(t *testing.T) {
	named(t, func(ctx context.Context, have func() map[string]string) {
		defer tenant.Set("acme").Reset()
		broken := errors.New("broken")
		func() {
			defer func() {
				require.Same(t, broken, recover(), "the same value")
				require.Equal(t, labels{}, have())
				require.Equal(t, context.Background(), glsctx.Current())
			}()
			mirror.DoContext(ctx, func(context.Context) {
				require.Equal(t, labels{"tenant": "acme"}, have())
				panic(broken)
			})
		}()
	})
}

func TestRestoredOnGoexit(t *testing.T) {
	at, proceed := make(chan string), make(chan struct{})
	stop := func(where string) { at <- where; <-proceed }
	task := spawn.Start(func() (int, error) {
		defer stop("after")
		defer tenant.Set("acme").Reset()
		ctx := pprof.WithLabels(context.Background(), pprof.Labels("goroutine", "exiting"))
		mirror.DoContext(ctx, func(context.Context) {
			stop("within")
			runtime.Goexit()
		})
		return 0, nil
	})
	for _, want := range []struct {
		where string
		have  labels
	}{{"within", labels{"tenant": "acme"}}, {"after", labels{}}} {
		require.Equal(t, want.where, <-at)
		require.Equal(t, want.have, labelsOf(t, "exiting"))
		proceed <- struct{}{}
	}
	_, err := task.Wait()
	require.ErrorIs(t, err, spawn.ErrGoexit)
}

func TestMisuse(t *testing.T) {
	is := func(want error, f func()) {
		defer func() { require.ErrorIs(t, recover().(error), want) }()
		f()
	}
	is(gls.ErrNilFunc, func() { mirror.Do(nil) })
	is(gls.ErrNilFunc, func() { mirror.DoContext(context.Background(), nil) })
	is(glsctx.ErrNilContext, func() { mirror.DoContext(nil, func(context.Context) {}) }) //nolint:staticcheck // the point
	is(gls.ErrNilFunc, func() { glspprof.LabelFunc("key", tenant, nil) })
}

func TestLabelFunc(t *testing.T) {
	class := glspprof.New("", glspprof.LabelFunc("class", shard, func(n int) string {
		if n >= 100 {
			return "big"
		}
		return "small"
	}))
	named(t, func(ctx context.Context, have func() map[string]string) {
		defer shard.Set(700).Reset()
		class.DoContext(ctx, func(context.Context) { require.Equal(t, labels{"class": "big"}, have()) })
	})
}

// spin burns time until the deadline and returns something of it.
func spin(until time.Time) (n int) {
	for time.Now().Before(until) {
		for i := 0; i < 1000; i++ {
			n += i ^ n
		}
	}
	return n
}

// TestCPUProfile splits a real profile by tenant.
func TestCPUProfile(t *testing.T) {
	profile := func(d time.Duration) map[string]uint64 {
		var buf bytes.Buffer
		require.NoError(t, pprof.StartCPUProfile(&buf))
		var wg sync.WaitGroup
		for _, name := range []string{"acme", "umbrella", ""} {
			name := name
			wg.Add(1)
			go func() {
				defer wg.Done()
				if name == "" {
					mirror.Do(func() { spin(time.Now().Add(d)) })
					return
				}
				defer tenant.Set(name).Reset()
				mirror.Do(func() { spin(time.Now().Add(d)) })
			}()
		}
		wg.Wait()
		pprof.StopCPUProfile()
		counts := make(map[string]uint64)
		for _, s := range parseProfile(t, buf.Bytes()) {
			counts[s.labels["tenant"]] += s.count
		}
		return counts
	}
	// A busy machine may need longer until each goroutine was caught.
	var counts map[string]uint64
	for d := 100 * time.Millisecond; d < 10*time.Second; d *= 2 {
		counts = profile(d)
		if counts["acme"] > 0 && counts["umbrella"] > 0 && counts[""] > 0 {
			break
		}
	}
	require.Len(t, counts, 3)
	for name, n := range counts {
		require.Positive(t, n, "samples of %q", name)
	}
}

// TestTrace finds the region and the values in a real execution trace, whose
// strings are stored as they are.
func TestTrace(t *testing.T) {
	record := func(f func()) string {
		var buf bytes.Buffer
		require.NoError(t, trace.Start(&buf))
		f()
		trace.Stop()
		return buf.String()
	}
	m := glspprof.New("region-of-this-test", glspprof.LabelFunc("key-of-this-test", tenant, strings.Clone))
	defer tenant.Set("value-of-this-test").Reset()
	with := record(func() { m.Do(func() {}) })
	without := record(func() {})
	for _, s := range []string{"region-of-this-test", "key-of-this-test", "value-of-this-test"} {
		require.Contains(t, with, s)
		require.NotContains(t, without, s)
	}
}

func TestEveryGoroutineHasItsOwn(t *testing.T) {
	const n = 20
	var ready, done spawn.WaitGroup
	proceed := make(chan struct{})
	for i := 0; i < n; i++ {
		i := i
		ready.Add(1)
		done.Go(func() {
			defer tenant.Set(fmt.Sprint("t", i)).Reset()
			glsctx.With(pprof.WithLabels(context.Background(), pprof.Labels("goroutine", fmt.Sprint(t.Name(), i))), func() {
				mirror.Do(func() {
					ready.Done()
					<-proceed
				})
			})
		})
	}
	ready.Wait()
	for i := 0; i < n; i++ {
		require.Equal(t, labels{"tenant": fmt.Sprint("t", i)}, labelsOf(t, fmt.Sprint(t.Name(), i)))
	}
	close(proceed)
	done.Wait()
}

func BenchmarkDo(b *testing.B) {
	for _, bound := range []int{0, 1, 2} {
		b.Run(fmt.Sprint("labels=", bound), func(b *testing.B) {
			if bound > 0 {
				defer tenant.Set("acme").Reset()
			}
			if bound > 1 {
				defer route.Set("/orders").Reset()
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; i++ {
				mirror.Do(func() {})
			}
		})
	}
}

func TestNilOptionsAreIgnored(t *testing.T) {
	ran := false
	glspprof.New("region", nil).Do(func() { ran = true })
	require.True(t, ran)
}
