// Package goroutine is the only code of the module that knows the runtime: the
// ID of the calling goroutine, whether another goroutine has ended, and the
// start-up check that decides whether the fast ways to learn both are trusted.
//
// Two paths lead to an ID. The fast one reads the goid field of the runtime's g
// through [github.com/petermattis/goid]. The slow one parses the header of
// [runtime.Stack], which is the only public source. Package init compares them
// on several goroutines (see check.go) and any difference settles the process
// on the slow one: a layout change costs time, never identity.
package goroutine

import (
	"math"
	"runtime"
	"sync"
)

// ID returns the ID of the calling goroutine, as a goroutine trace prints it.
// IDs are positive and a go statement never reuses one. It allocates nothing.
// It costs one read of g, or about a microsecond where Slow.
func ID() int64 {
	if Slow {
		return SlowID()
	}
	return FastID()
}

// SlowID returns the ID of the calling goroutine from the header of its stack
// trace. It panics when the header is not the one that every release since
// Go 1.0 has printed, because any guess could be another goroutine's ID.
func SlowID() int64 {
	buf := headers.Get().(*[headerSize]byte)
	id, ok := parseHeader(buf[:runtime.Stack(buf[:], false)])
	headers.Put(buf)
	if !ok {
		panic("gls: cannot tell goroutines apart: " + runtime.Version() + " prints an unknown stack trace header")
	}
	return id
}

const (
	headerPrefix = "goroutine "
	headerSize   = 64 // the prefix, 19 digits and a space, and some
)

// headers keeps buffers, which runtime.Stack lets escape to the heap.
var headers = sync.Pool{New: func() any { return new([headerSize]byte) }}

// parseHeader returns the ID in "goroutine 17 [running]:".
func parseHeader(trace []byte) (id int64, ok bool) {
	if len(trace) < len(headerPrefix) || string(trace[:len(headerPrefix)]) != headerPrefix {
		return 0, false
	}
	for _, c := range trace[len(headerPrefix):] {
		switch {
		case c == ' ':
			return id, id > 0
		case c < '0' || '9' < c || id > (math.MaxInt64-int64(c-'0'))/10:
			return 0, false
		}
		id = 10*id + int64(c-'0')
	}
	return 0, false
}
