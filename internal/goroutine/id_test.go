package goroutine_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

// TestFastAgainstSlow compares both ways to an ID on ten thousand goroutines,
// most of which live at the same time.
func TestFastAgainstSlow(t *testing.T) {
	const n = 10_000
	var mu sync.Mutex
	seen := make(map[int64]bool, n)
	var ready, done sync.WaitGroup
	release := make(chan struct{})
	ready.Add(n)
	done.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			defer done.Done()
			id := goroutine.SlowID()
			assert.Equal(t, id, goroutine.ID())
			assert.Equal(t, id, goroutine.FastID())
			mu.Lock()
			assert.False(t, seen[id], "two goroutines have one ID")
			seen[id] = true
			mu.Unlock()
			ready.Done()
			<-release
			assert.Equal(t, id, goroutine.FastID(), "after a switch")
		}()
	}
	ready.Wait()
	close(release)
	done.Wait()
	require.Len(t, seen, n)
	for id := range seen {
		require.Positive(t, id)
	}
}

func TestIDAllocatesNothing(t *testing.T) {
	require.Zero(t, testing.AllocsPerRun(100, func() { goroutine.ID() }))
	if goroutine.ReadsG() {
		require.Zero(t, testing.AllocsPerRun(100, func() { goroutine.FastID() }))
	}
}

func TestParseHeader(t *testing.T) {
	for _, row := range []struct {
		name, header string
		id           int64 // 0 for none
	}{
		{"running", "goroutine 17 [running]:\nmain.main()", 17},
		{"waiting", "goroutine 1 [chan receive, 5 minutes]:", 1},
		{"largest", "goroutine 9223372036854775807 [running]:", 1<<63 - 1},
		{"GOTRACEBACK=system", "goroutine 5 gp=0xc0000061c0 m=0 mp=0x5e2f60 [running]:", 5},
		{"labels", `goroutine 6 [running, labels:{"a b":"c"}]:`, 6},
		{"too large", "goroutine 9223372036854775808 [running]:", 0},
		{"zero", "goroutine 0 [idle]:", 0},
		{"negative", "goroutine -1 [running]:", 0},
		{"no number", "goroutine  [running]:", 0},
		{"letters", "goroutine x7 [running]:", 0},
		{"letters behind", "goroutine 7x [running]:", 0},
		{"hexadecimal", "goroutine 0x7 [running]:", 0},
		{"cut off", "goroutine 123", 0},
		{"cut off in the word", "gorout", 0},
		{"empty", "", 0},
		{"another word", "Goroutine 17 [running]:", 0},
		{"something before", " goroutine 17 [running]:", 0},
		{"two spaces", "goroutine  17 [running]:", 0},
	} {
		id, ok := goroutine.ParseHeader([]byte(row.header))
		require.Equal(t, row.id != 0, ok, row.name)
		if ok {
			require.Equal(t, row.id, id, row.name)
		}
	}
}

func TestParseDump(t *testing.T) {
	const one, two = "goroutine 1 [running]:\nmain.main()\n\t/a.go:1 +0x1\n", "goroutine 22 [select]:\nmain.f()\n"
	for _, row := range []struct {
		name, dump string
		ids        []int64
		bad        bool
	}{
		{name: "one", dump: one, ids: []int64{1}},
		{name: "two", dump: one + "\n" + two, ids: []int64{1, 22}},
		{name: "two, ended", dump: one + "\n" + two + "\n", ids: []int64{1, 22}},
		{name: "empty", dump: ""},
		{name: "an unknown header", dump: one + "\n" + "thread 3 [running]:\n", bad: true},
		{name: "no number", dump: one + "\n" + "goroutine x [running]:\n", bad: true},
		{name: "text before", dump: "preface\n\n" + one, bad: true},
		{name: "a name that looks like one", dump: one + "main.goroutine 5 [x]:\n" + "\n" + two, ids: []int64{1, 22}},
		{name: "not in order", dump: two + "\n" + one, ids: []int64{1, 22}},
	} {
		ids, ok := goroutine.ParseDump([]byte(row.dump))
		require.Equal(t, row.bad, !ok, row.name)
		if row.bad {
			require.Empty(t, ids, row.name)
			continue
		}
		require.Equal(t, row.ids, ids, row.name)
	}
}
