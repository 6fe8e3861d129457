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

// trusted is the layout that init verified; meaningful only if FastLiveness.
var trusted layout

// ReadsG reports that IDs are read from g rather than parsed from traces.
func ReadsG() bool { return readsG && !Slow }

// Offset returns the offset of the goid in g, found and verified by init, or 0 if
// it is not to be used.
func Offset() uintptr {
	if !FastLiveness {
		return 0
	}
	return trusted.goid
}

func init() {
	if !readsG {
		useSlow()
	}
	if Slow {
		return
	}
	v := forced(examine(FastID, calibrate))
	if !v.idsAgree {
		useSlow()
		return
	}
	trusted, FastLiveness = v.layout, v.livenessAgrees
}

// A verdict is what examine found out about this process.
type verdict struct {
	idsAgree       bool // the fast ID was the traced ID on every witness
	livenessAgrees bool // layout showed every witness running, blocked and ended
	layout         layout
}

const (
	// witnesses is how many goroutines are examined besides the caller: enough
	// that a word of g which happens to equal one ID does not equal all.
	witnesses = 4
	// patience bounds the yields spent on seeing a witness block or end. It
	// is a bound for runtimes that the layout does not fit; a fitting one
	// needs a handful. Yields, not time: a process that starts under a
	// debugger or on a loaded machine must come to the same verdict.
	patience = 1 << 20
)

// A witness is one goroutine under examination.
type witness struct {
	sample
	fast    int64
	lockedM uintptr // where findLocked found it
	found   bool
}

// testify is what a goroutine has to say of itself.
func testify(fast func() int64) witness {
	w := witness{sample: sample{getg(), SlowID()}, fast: fast()}
	w.lockedM, w.found = findLocked(w.g)
	return w
}

// examine compares fast with the traced ID, and what find's layout shows with
// what is known, on the caller and on several goroutines of its own. Those have
// ended when it returns.
func examine(fast func() int64, find func([]sample) (layout, bool)) (v verdict) {
	own := sample{getg(), SlowID()} // init may run locked to its thread
	v.idsAgree = fast() == own.id

	var (
		others  [witnesses]witness
		ready   atomic.Int32
		ended   atomic.Int32
		release = make(chan struct{})
	)
	for i := range others {
		w := &others[i]
		go func() {
			*w = testify(fast)
			ready.Add(1)
			<-release
			ended.Add(1)
		}()
	}
	for ready.Load() < witnesses {
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
	for ended.Load() < witnesses {
		runtime.Gosched()
	}
	if found && v.livenessAgrees {
		for _, s := range samples[1:] {
			v.livenessAgrees = v.livenessAgrees && eventually(func() bool { return v.layout.ended(s.g, s.id) })
		}
		return v
	}
	// No way to see them end: give them the processor until they are gone.
	for i := 0; i < 16*witnesses; i++ {
		runtime.Gosched()
	}
	return v
}

// eventually reports whether cond came true within patience yields.
func eventually(cond func() bool) bool {
	for i := 0; i < patience; i++ {
		if cond() {
			return true
		}
		runtime.Gosched()
	}
	return false
}

// Ended reports whether the goroutine id, whose Handle was g, has ended. It
// requires FastLiveness. False may be out of date at once; true is for ever.
func Ended(g unsafe.Pointer, id int64) bool { return trusted.ended(g, id) }
