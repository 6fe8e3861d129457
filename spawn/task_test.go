package spawn_test

import (
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/registry/registrytest"
	"github.com/seed18162548/contextvars/spawn"
)

var errBoom = errors.New("boom")

// starts has both ways to start a Task.
var starts = map[string]func(f func() (int, error)) *spawn.Task[int]{
	"Start":   spawn.Start[int],
	"StartIn": func(f func() (int, error)) *spawn.Task[int] { return spawn.StartIn(gls.NewContext(), f) },
}

// TestTaskResults has a row for every way in which a task can end, except
// panics.
func TestTaskResults(t *testing.T) {
	for _, row := range []struct {
		name  string
		f     func() (int, error)
		value int
		err   error
	}{
		{"value", func() (int, error) { return 7, nil }, 7, nil},
		{"error", func() (int, error) { return 0, errBoom }, 0, errBoom},
		{"both", func() (int, error) { return 7, errBoom }, 7, errBoom},
		{"Goexit", func() (int, error) { runtime.Goexit(); return 7, nil }, 0, spawn.ErrGoexit},
		{"Goexit deep inside", func() (int, error) { deep(20); return 7, nil }, 0, spawn.ErrGoexit},
		{"Goexit with defers", func() (x int, err error) {
			defer func() { x, err = 7, errBoom }()
			runtime.Goexit()
			return 7, nil
		}, 0, spawn.ErrGoexit},
		{"Goexit in a Run", func() (int, error) { gls.NewContext().Run(runtime.Goexit); return 7, nil }, 0, spawn.ErrGoexit},
		{"Goexit in a defer", func() (int, error) { defer runtime.Goexit(); return 7, nil }, 0, spawn.ErrGoexit},
		{"Goexit during a panic", func() (int, error) { defer runtime.Goexit(); panic(errBoom) }, 0, spawn.ErrGoexit},
		{"recovered panic during Goexit", func() (int, error) {
			defer func() {
				defer func() { _ = recover() }()
				panic(errBoom)
			}()
			runtime.Goexit()
			return 7, nil
		}, 0, spawn.ErrGoexit},
		{"recovered panic", func() (x int, err error) {
			defer func() { _ = recover(); x = 3 }()
			panic(errBoom)
		}, 3, nil},
	} {
		for name, start := range starts {
			t.Run(row.name+"/"+name, func(t *testing.T) {
				task := start(row.f)
				for i := 0; i < 2; i++ { // any number of times
					x, err := task.Wait()
					require.Equal(t, row.value, x)
					require.Equal(t, row.err, err)
				}
				<-task.Done()
				require.NoError(t, task.Context().TryRun(func() {}), "not left")
			})
		}
	}
}

func deep(n int) {
	defer func() {}()
	if n == 0 {
		runtime.Goexit()
	}
	deep(n - 1)
}

// TestTaskContext checks that the Context can be read at any time, and entered
// after Wait.
func TestTaskContext(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	set, release := make(chan struct{}), make(chan struct{})
	task := spawn.Start(func() (int, error) {
		v.Set(2)
		close(set)
		<-release
		return 0, nil
	})
	<-set
	c := task.Context()
	x, _ := v.In(c)
	require.Equal(t, 2, x, "not visible while the task runs")
	require.ErrorIs(t, c.TryRun(func() {}), gls.ErrEntered)
	close(release)
	_, _ = task.Wait()
	require.Equal(t, 2, gls.Call(c, v.Get))
	require.Equal(t, 1, v.Get(), "merged back")

	given := gls.NewContext()
	task = spawn.StartIn(given, func() (int, error) { return v.Get(), nil })
	require.Same(t, given, task.Context())
	_, _ = task.Wait()
}

// TestWaitComesLast checks that the task has left its Context and removed its
// entry whenever Wait returns or Done is closed.
func TestWaitComesLast(t *testing.T) {
	v := gls.New[int]("v")
	for name, start := range starts {
		for way, end := range map[string]func(){"return": func() {}, "Goexit": runtime.Goexit} {
			t.Run(name+"/"+way, func(t *testing.T) {
				before := registrytest.Now()
				for i := 0; i < 500; i++ {
					task := start(func() (int, error) { v.Set(i); end(); return 0, nil })
					if i%2 == 0 {
						_, _ = task.Wait()
					} else {
						<-task.Done()
					}
					require.Empty(t, before.New())
					require.NoError(t, task.Context().TryRun(func() { require.Equal(t, i, v.Get()) }))
				}
			})
		}
	}
}

// TestOneContextOneTaskAtATime starts tasks in one Context from many
// goroutines. Under -race it checks that everything that one did happens before
// the next.
func TestOneContextOneTaskAtATime(t *testing.T) {
	v := gls.New[int]("v")
	c := gls.NewContext()
	plain := 0
	const workers, each = 8, 50
	var wg sync.WaitGroup
	wg.Add(workers)
	for i := 0; i < workers; i++ {
		go func() {
			defer wg.Done()
			for n := 0; n < each; runtime.Gosched() {
				if panicOf(func() {
					spawn.StartIn(c, func() (int, error) { plain++; v.Set(v.Get() + 1); return 0, nil }).Wait()
				}) == nil {
					n++
				}
			}
		}()
	}
	wg.Wait()
	require.Equal(t, workers*each, plain)
	require.Equal(t, workers*each, gls.Call(c, v.Get))
}

func TestGather(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	const n = 20
	fs := make([]func() (int, error), n)
	turn := make([]chan struct{}, n+1)
	for i := range turn {
		turn[i] = make(chan struct{})
	}
	close(turn[n])
	for i := range fs {
		i := i
		fs[i] = func() (int, error) {
			assert.Equal(t, 1, v.Get())
			v.Set(100 + i)
			<-turn[i+1] // the last one ends first
			close(turn[i])
			return i, nil
		}
	}
	xs, err := spawn.Gather(fs...)
	require.NoError(t, err)
	for i, x := range xs {
		require.Equal(t, i, x)
	}
	require.Len(t, xs, n)

	other := errors.New("other")
	ended := make(chan struct{}, 4)
	end := func(x int, err error) func() (int, error) {
		return func() (int, error) { ended <- struct{}{}; return x, err }
	}
	xs, err = spawn.Gather(end(1, errBoom), end(2, nil), end(3, other),
		func() (int, error) { ended <- struct{}{}; runtime.Goexit(); return 4, nil })
	require.Len(t, ended, 4, "not all were waited for")
	require.Equal(t, []int{1, 2, 3, 0}, xs)
	require.ErrorIs(t, err, errBoom)
	require.ErrorIs(t, err, other)
	require.ErrorIs(t, err, spawn.ErrGoexit)
	require.Equal(t, errors.Join(errBoom, other, spawn.ErrGoexit).Error(), err.Error(), "not in order")

	xs, err = spawn.Gather[int]()
	require.NoError(t, err)
	require.Empty(t, xs)
}

// TestGatherRunsInContexts checks that a function of Gather runs in a Context
// that its goroutine has entered, like one of Start, and that nothing is left
// of it.
func TestGatherRunsInContexts(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	before := registrytest.Now()
	var kept gls.Token[int]
	values, err := spawn.Gather(
		func() (int, error) {
			gls.Release() // of the base, which is another Context
			return v.Get(), nil
		},
		func() (int, error) {
			kept = v.Set(2)
			return v.Get(), nil
		},
		func() (int, error) {
			gls.NewContext().Enter()
			v.Set(3)
			return v.Get(), nil
		},
	)
	require.NoError(t, err)
	require.Equal(t, []int{1, 2, 3}, values)
	require.Empty(t, before.New())
	require.ErrorIs(t, v.TryReset(kept), gls.ErrTokenContext)
}

// requireFreed collects garbage until a finalizer has closed freed.
func requireFreed(t *testing.T, freed <-chan struct{}) {
	t.Helper()
	require.Eventually(t, func() bool {
		runtime.GC()
		select {
		case <-freed:
			return true
		default:
			return false
		}
	}, 10*time.Second, time.Millisecond)
}

// A noisyError is large enough to be an allocation of its own.
type noisyError struct{ _ [64]byte }

func (*noisyError) Error() string { return "noisy" }

// TestGatherForgetsErrors checks that a token keeps no error alive that another
// function returned.
func TestGatherForgetsErrors(t *testing.T) {
	v := gls.New[int]("v")
	freed := make(chan struct{})
	var kept gls.Token[int]
	gather := func() error {
		_, err := spawn.Gather(
			func() (int, error) { kept = v.Set(1); return 0, nil },
			func() (int, error) {
				err := new(noisyError)
				runtime.SetFinalizer(err, func(*noisyError) { close(freed) })
				return 0, err
			},
		)
		return err
	}
	require.Error(t, gather())
	requireFreed(t, freed)
	require.False(t, kept.Used())
}

// TestGatherForgetsBindings checks that a token keeps alive nothing that the
// other functions bound.
func TestGatherForgetsBindings(t *testing.T) {
	type big [64]byte
	v := gls.New[*big]("v")
	freed := make(chan struct{})
	var kept gls.Token[*big]
	_, err := spawn.Gather(
		func() (int, error) { kept = v.Set(nil); return 0, nil },
		func() (int, error) {
			x := new(big)
			runtime.SetFinalizer(x, func(*big) { close(freed) })
			v.Set(x)
			return 0, nil
		},
	)
	require.NoError(t, err)
	requireFreed(t, freed)
	require.False(t, kept.Used())
}
