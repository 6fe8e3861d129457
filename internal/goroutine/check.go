package goroutine

import (
	"runtime"
	"sync/atomic"
	"unsafe"
)

// FastLiveness reports that Ended may be called: the layout of g was found, and
// running, blocked and ended goroutines looked as expected. It is written only
// by package init.
var FastLiveness bool

// verified is the layout that init has verified. It is meaningful only if
// FastLiveness is true.
var verified layout

// ReadsG reports that IDs are read from g rather than parsed from traces.
func ReadsG() bool { return readsG && !Slow }

// Offset returns the offset of the goid in g, which init has found and
// verified, or 0 if it must not be used.
func Offset() uintptr {
	if !FastLiveness {
		return 0
	}
	return verified.goid
}

func init() {
	if !readsG {
		useSlow()
	}
	if Slow {
		return
	}
	v := forced(selfTest(FastID, calibrate))
	if !v.idsAgree {
		useSlow()
		return
	}
	verified, FastLiveness = v.layout, v.livenessAgrees
}

// A result is the result of selfTest.
type result struct {
	idsAgree       bool // the fast ID was the traced ID on every probe
	livenessAgrees bool // layout showed every probe running, blocked and ended
	layout         layout
}

const (
	// probes is the number of goroutines that are tested besides the caller: enough
	// that a word of g that happens to equal one ID does not equal all of them.
	probes = 4
	// maxYields is the maximum number of yields while waiting for a probe to block
	// or end. It is reached only on runtimes that the layout does not fit;
	// otherwise a handful is enough. It limits yields, not time, because a process
	// that starts under a debugger or on a loaded machine must get the same result.
	maxYields = 1 << 20
)

// A probe is what the self-test found out about one goroutine.
type probe struct {
	sample
	fast    int64
	lockedM uintptr // where findLocked found it
	found   bool
}

// probeSelf returns the probe of the calling goroutine.
func probeSelf(fast func() int64) probe {
	p := probe{sample: sample{getg(), SlowID()}, fast: fast()}
	p.lockedM, p.found = findLocked(p.g)
	return p
}

// selfTest compares fast with the traced ID, and what the layout of find shows
// with what is known, on the caller and on several goroutines that it starts.
// These have ended when it returns.
func selfTest(fast func() int64, find func([]sample) (layout, bool)) (v result) {
	own := sample{getg(), SlowID()} // init may run locked to its thread
	v.idsAgree = fast() == own.id

	var (
		others  [probes]probe
		ready   atomic.Int32
		ended   atomic.Int32
		release = make(chan struct{})
	)
	for i := range others {
		p := &others[i]
		go func() {
			*p = probeSelf(fast)
			ready.Add(1)
			<-release
			ended.Add(1)
		}()
	}
	for ready.Load() < probes {
		runtime.Gosched()
	}

	samples := []sample{own}
	for i := range others {
		v.idsAgree = v.idsAgree && others[i].fast == others[i].id
		samples = append(samples, others[i].sample)
	}
	var found bool
	v.layout, found = find(samples)
	v.layout.lockedM = others[0].lockedM
	for i := range others {
		found = found && others[i].found && others[i].lockedM == v.layout.lockedM
	}
	if found {
		now := v.layout.observe(own.g)
		v.livenessAgrees = now.status == statusRunning && now.m != 0 && !v.layout.ended(own.g, own.id)
		for _, s := range samples[1:] {
			v.livenessAgrees = v.livenessAgrees && eventually(func() bool {
				o := v.layout.observe(s.g)
				return o.status == statusWaiting && o.m == 0 && o.lockedM == 0 && !v.layout.ended(s.g, s.id)
			})
		}
	}

	close(release)
	for ended.Load() < probes {
		runtime.Gosched()
	}
	if found && v.livenessAgrees {
		for _, s := range samples[1:] {
			v.livenessAgrees = v.livenessAgrees && eventually(func() bool { return v.layout.ended(s.g, s.id) })
		}
		return v
	}
	// Their end cannot be observed, so yield until they are very likely gone.
	for i := 0; i < 16*probes; i++ {
		runtime.Gosched()
	}
	return v
}

// eventually reports whether cond came true within maxYields yields.
func eventually(cond func() bool) bool {
	for i := 0; i < maxYields; i++ {
		if cond() {
			return true
		}
		runtime.Gosched()
	}
	return false
}

// Ended reports whether the goroutine id, whose Handle was g, has ended. It
// requires FastLiveness. The result true is final; false may be out of date at
// once.
func Ended(g unsafe.Pointer, id int64) bool { return verified.ended(g, id) }
