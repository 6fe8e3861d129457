package goroutine

import (
	"runtime"
	"sync/atomic"
	"unsafe"
)

// FastLiveness reports that Ended may be asked: the layout of g was found and
// behaved as expected on running, blocked and ended goroutines. It is written
// by package init only.
var FastLiveness bool

// verified is the layout that init has verified; meaningful only if
// FastLiveness.
var verified layout

// ReadsG reports that IDs are read from g rather than parsed from traces.
func ReadsG() bool { return readsG && !Slow }

// Offset returns the offset of the goid in g, found and verified by init, or 0
// if it is not to be used.
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

// A result is what selfTest found out about this process.
type result struct {
	idsAgree       bool // the fast ID was the traced ID on every probe
	livenessAgrees bool // layout showed every probe running, blocked and ended
	layout         layout
}

const (
	// probes is how many goroutines are tested besides the caller: enough
	// that a word of g which happens to equal one ID does not equal all.
	probes = 4
	// maxYields bounds the yields spent on seeing a probe block or end. It
	// is a bound for runtimes that the layout does not fit; a fitting one
	// needs a handful. Yields, not time: a process that starts under a
	// debugger or on a loaded machine must come to the same result.
	maxYields = 1 << 20
)

// A probe is one goroutine that the self-test looks at.
type probe struct {
	sample
	fast    int64
	lockedM uintptr // where findLocked found it
	found   bool
}

// probeSelf returns what the calling goroutine finds out about itself.
func probeSelf(fast func() int64) probe {
	p := probe{sample: sample{getg(), SlowID()}, fast: fast()}
	p.lockedM, p.found = findLocked(p.g)
	return p
}

// selfTest compares fast with the traced ID, and what find's layout shows with
// what is known, on the caller and on several goroutines of its own. Those have
// ended when it returns.
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
	// No way to see them end: give them the processor until they are gone.
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
// requires FastLiveness. False may be out of date at once; true stays true.
func Ended(g unsafe.Pointer, id int64) bool { return verified.ended(g, id) }
