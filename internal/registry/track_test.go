package registry_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/registry"
	"github.com/seed18162548/contextvars/spawn"
)

const (
	waitFor = 10 * time.Second
	tick    = time.Millisecond
)

// tracked turns tracking on for the rest of the process. It cannot be turned
// off.
func tracked(t *testing.T) {
	t.Helper()
	registry.Track()
	require.True(t, registry.Tracking())
}

// observe binds who, so that the caller has an entry, and returns it.
func observe() registry.Entry {
	defer who.Set("observed").Reset()
	e, _ := entryOf(goroutine.ID())
	return e
}

func TestRecordOfSpawnedGoroutines(t *testing.T) {
	tracked(t)
	seen := make(chan registry.Entry, 1)
	look := func() { seen <- observe() }
	lookErr := func() error { look(); return nil }
	ways := []struct {
		name  string
		start func()
	}{
		{"Go", func() { spawn.Go(look) }},
		{"Detached", func() { spawn.Detached(look) }},
		{"GoIn", func() { spawn.GoIn(gls.NewContext(), look) }},
		{"Start", func() { spawn.Start(func() (int, error) { look(); return 1, nil }) }},
		{"StartIn", func() { spawn.StartIn(gls.NewContext(), func() (int, error) { look(); return 1, nil }) }},
		{"Gather", func() { _, _ = spawn.Gather(func() (int, error) { look(); return 1, nil }) }},
		{"Group.Go", func() { new(spawn.Group).Go(lookErr) }},
		{"Group.GoIn", func() { new(spawn.Group).GoIn(gls.NewContext(), lookErr) }},
		{"Group.TryGo", func() { new(spawn.Group).TryGo(lookErr) }},
		{"WaitGroup", func() { new(spawn.WaitGroup).Go(look) }},
		{"AfterFunc", func() { spawn.AfterFunc(0, look) }},
		{"ContextAfterFunc", func() {
			ctx, cancel := context.WithCancel(context.Background())
			spawn.ContextAfterFunc(ctx, look)
			cancel()
		}},
	}
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			before := time.Now()
			way.start()
			e := <-seen
			require.NotNil(t, e.Record)
			require.Equal(t, goroutine.ID(), e.Record.Parent)
			require.False(t, e.Record.Since.Before(before))
			site, ok := e.Record.Site()
			require.True(t, ok)
			require.True(t, strings.HasSuffix(site.File, "track_test.go"), "%s:%d", site.File, site.Line)
		})
	}
}

func TestRecordOfOtherGoroutines(t *testing.T) {
	tracked(t)
	seen := make(chan registry.Entry)
	before := time.Now()
	go func() { seen <- observe() }()
	e := <-seen
	require.NotNil(t, e.Record)
	require.Zero(t, e.Record.Parent)
	require.False(t, e.Record.Since.Before(before))
	_, ok := e.Record.Site()
	require.False(t, ok)
}

// TestRecordOutlivesTheEntry checks that a spawned goroutine has the same
// SpawnRecord after it has had no entry for a while.
func TestRecordOutlivesTheEntry(t *testing.T) {
	tracked(t)
	var first, second registry.Entry
	var wg spawn.WaitGroup
	wg.Go(func() {
		first = observe()
		second = observe()
	})
	wg.Wait()
	require.NotNil(t, first.Record)
	require.Same(t, first.Record, second.Record)
}

// TestStarterLeft distinguishes a goroutine whose starter has ended or left its
// Context from others.
func TestStarterLeft(t *testing.T) {
	tracked(t)
	release := make(chan struct{})
	defer close(release)
	// start starts a goroutine that stays, and returns its SpawnRecord.
	start := func() *registry.SpawnRecord {
		seen := make(chan *registry.SpawnRecord)
		spawn.Go(func() {
			seen <- observe().Record
			<-release
		})
		return <-seen
	}

	here := start()
	require.False(t, here.StarterLeft(), "the starter is here")

	var inContext *registry.SpawnRecord
	c := gls.NewContext()
	c.Run(func() {
		inContext = start()
		require.False(t, inContext.StarterLeft(), "it is still in the Context")
		gls.NewContext().Run(func() { require.False(t, inContext.StarterLeft(), "in an inner one") })
	})
	require.True(t, inContext.StarterLeft(), "it is here, but has left the Context")

	started := make(chan *registry.SpawnRecord)
	go func() { started <- start() }()
	ended := <-started
	if goroutine.FastLiveness {
		require.Eventually(t, ended.StarterLeft, waitFor, tick, "the starter has ended")
	} else {
		require.False(t, ended.StarterLeft(), "not known")
	}

	plain := make(chan *registry.SpawnRecord)
	go func() { plain <- observe().Record }()
	require.False(t, (<-plain).StarterLeft(), "nobody called package spawn")
}

func TestTrackedFunctionsReturnTheirResults(t *testing.T) {
	tracked(t)
	failure := errors.New("failure")
	x, err := spawn.Start(func() (int, error) { return 7, failure }).Wait()
	require.Equal(t, 7, x)
	require.ErrorIs(t, err, failure)
	var g spawn.Group
	g.Go(func() error { return failure })
	require.ErrorIs(t, g.Wait(), failure)
	_, err = spawn.Start(func() (int, error) { runtime.Goexit(); return 1, nil }).Wait()
	require.ErrorIs(t, err, spawn.ErrGoexit)
}

// TestRecordsAreForgotten checks that records of goroutines that ended without
// a reset are removed with their entries.
func TestRecordsAreForgotten(t *testing.T) {
	tracked(t)
	const n, rest = 20_000, 100 // the last of them may not be quite dead yet
	registry.Sweep()
	before := registry.SpawnRecords()
	for i := 0; i < n; i++ {
		var wg spawn.WaitGroup
		wg.Go(func() { who.Set("dropped by spawn") })
		wg.Wait()
	}
	require.LessOrEqual(t, registry.SpawnRecords(), before+rest)

	done := make(chan struct{})
	for i := 0; i < n; i++ {
		go func() {
			who.Set("never reset")
			done <- struct{}{}
		}()
		<-done
	}
	registry.Sweep()
	require.LessOrEqual(t, registry.SpawnRecords(), before+rest)
}
