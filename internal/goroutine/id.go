// Package goroutine is the only package of the module that depends on the
// runtime. It provides the ID of the calling goroutine and whether another
// goroutine has ended, and has the start-up check that decides whether both may
// be read from the runtime's structures.
//
// There are two ways to get an ID. The fast one reads the goid field of the
// runtime's g through [github.com/petermattis/goid]. The slow one parses the
// header of [runtime.Stack], which is the only public source. Package init
// compares the two on several goroutines (see check.go). If they differ, the
// process uses the slow one: a change of the layout costs time, never identity.
package goroutine

import (
	"math"
	"runtime"
	"sync"
)

// ID returns the ID of the calling goroutine, as a goroutine trace prints it.
// IDs are positive, and no two goroutines that go statements start have the
// same one. ID allocates nothing. It costs one read of g, or about a
// microsecond if Slow.
func ID() int64 {
	if Slow {
		return SlowID()
	}
	return FastID()
}

// SlowID returns the ID of the calling goroutine from the header of its stack
// trace. It panics if the header is not the one that every release since Go 1.0
// has printed, because a guess could be another goroutine's ID.
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

// headers holds buffers for runtime.Stack, whose argument escapes to the heap.
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
