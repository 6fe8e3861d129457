//go:build gc && !gls_safe && (386 || amd64 || arm || arm64 || s390x)

package goroutine

import (
	"runtime"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// These tests are in the package itself, because they vary what is not
// exported.

func TestSelfTestThisProcess(t *testing.T) {
	for i := 0; i < 5; i++ {
		v := selfTest(FastID, calibrate)
		require.True(t, v.idsAgree)
		require.True(t, v.livenessAgrees)
		require.NotZero(t, v.layout.goid)
	}
}

// TestSelfTestWrongIDs makes one ID in the process wrong, in several ways.
func TestSelfTestWrongIDs(t *testing.T) {
	me := SlowID()
	var mu sync.Mutex
	calls := 0
	for name, fast := range map[string]func() int64{
		"all":             func() int64 { return SlowID() + 1 },
		"a constant":      func() int64 { return me },
		"zero":            func() int64 { return 0 },
		"the caller only": func() int64 { return SlowID() ^ boolToInt(SlowID() == me) },
		"the others only": func() int64 { return SlowID() ^ boolToInt(SlowID() != me) },
		"high bits":       func() int64 { return SlowID() | 1<<40 },
		"the last one": func() int64 {
			mu.Lock()
			defer mu.Unlock()
			calls++
			return SlowID() + boolToInt(calls == probes+1)
		},
	} {
		require.False(t, selfTest(fast, calibrate).idsAgree, name)
	}
	require.Equal(t, probes+1, calls, "not every probe was asked")
}

func boolToInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// TestSelfTestWrongLayouts reports fields where they are not. IDs agree, so
// that only liveness is lost. Those that would send observe outside of g are
// left to calibrate, which looks at 32 words only.
func TestSelfTestWrongLayouts(t *testing.T) {
	right := selfTest(FastID, calibrate).layout
	for name, change := range map[string]func(l *layout){
		"goid a word later":     func(l *layout) { l.goid += 8 },
		"goid a word earlier":   func(l *layout) { l.goid -= 8 },
		"status a word later":   func(l *layout) { l.status += 8 },
		"status half a word":    func(l *layout) { l.status += 4 },
		"status a word earlier": func(l *layout) { l.status -= 8 },
		"m a word later":        func(l *layout) { l.m += wordSize },
		"m a word earlier":      func(l *layout) { l.m -= wordSize },
		"m is the stack":        func(l *layout) { l.m = 0 },
		"m is goid":             func(l *layout) { l.m = l.goid },
		"all at the beginning":  func(l *layout) { *l = layout{} },
	} {
		wrong := right
		change(&wrong)
		// On a goroutine without a deferred call, as those that run init: the
		// list of them, before m, is empty exactly where m is otherwise.
		var v result
		done := make(chan struct{})
		go func() {
			v = selfTest(FastID, func([]sample) (layout, bool) { return wrong, true })
			close(done)
		}()
		<-done
		require.True(t, v.idsAgree, name)
		require.False(t, v.livenessAgrees, name)
	}
	v := selfTest(FastID, func([]sample) (layout, bool) { return right, false })
	require.True(t, v.idsAgree)
	require.False(t, v.livenessAgrees, "not found, but used")
}

// TestCalibrate checks with artificial g's that calibrate accepts one offset
// that fits all of them, and nothing else.
func TestCalibrate(t *testing.T) {
	type g [goidWords + 4]uintptr
	fake := func(id uintptr, at ...int) sample {
		g := new(g)
		for i := range g {
			g[i] = 0xdead0000 + uintptr(i)
		}
		for _, i := range at {
			g[i] = id
		}
		return sample{unsafe.Pointer(g), int64(id)}
	}
	for _, row := range []struct {
		name    string
		samples []sample
		word    int // 0 for none
	}{
		{"one place", []sample{fake(5, 19), fake(6, 19)}, 19},
		{"another place", []sample{fake(5, 8), fake(6, 8), fake(7, 8)}, 8},
		{"decoys that differ", []sample{fake(5, 19, 3), fake(6, 19, 4), fake(7, 19)}, 19},
		{"nowhere", []sample{fake(5), fake(6)}, 0},
		{"not in all", []sample{fake(5, 19), fake(6, 20)}, 0},
		{"ambiguous", []sample{fake(5, 19, 21), fake(6, 19, 21)}, 0},
		{"too far away", []sample{fake(5, goidWords), fake(6, goidWords)}, 0},
		{"where the stack is", []sample{fake(5, 0), fake(6, 1)}, 0},
	} {
		l, ok := calibrate(row.samples)
		require.Equal(t, row.word != 0, ok, row.name)
		if ok {
			require.EqualValues(t, row.word, l.goid/wordSize, row.name)
			require.Equal(t, l.goid-8, l.status, row.name)
		}
	}
}

// TestEndedIsForEver checks that a goroutine that has ended stays ended when
// its g is reused for others.
func TestEndedIsForEver(t *testing.T) {
	l := selfTest(FastID, calibrate).layout // verified, except with GLS_SAFE=1
	type remains struct {
		g  unsafe.Pointer
		id int64
	}
	const n = 200
	var all [n]remains
	for round := 0; round < 10; round++ {
		var wg sync.WaitGroup
		var alive [n]remains
		release, ready := make(chan struct{}), make(chan struct{}, n)
		for i := range alive {
			wg.Add(1)
			go func(r *remains) {
				defer wg.Done()
				*r = remains{getg(), ID()}
				ready <- struct{}{}
				<-release
			}(&alive[i])
		}
		for range alive {
			<-ready
		}
		runtime.GC()
		for i := range alive {
			require.False(t, l.ended(alive[i].g, alive[i].id))
			if round > 0 {
				require.True(t, l.ended(all[i].g, all[i].id))
			}
		}
		close(release)
		wg.Wait()
		for i := range alive {
			require.True(t, eventually(func() bool { return l.ended(alive[i].g, alive[i].id) }))
		}
		all = alive
	}
}
