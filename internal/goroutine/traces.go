package goroutine

import (
	"bytes"
	"runtime"
	"sync"
	"unsafe"
)

// Handle returns what a registry entry remembers of the calling goroutine so
// that its end can be noticed later: its g where FastLiveness, else a mark that
// says whether the goroutine may be missed in a listing of all goroutines. A
// nil Handle says that nothing but the goroutine itself may remove its entry.
func Handle() unsafe.Pointer {
	switch {
	case FastLiveness:
		return getg()
	case startedByUser():
		return unsafe.Pointer(&listed)
	default:
		return nil
	}
}

// listed is what the Handles of traceable goroutines point to.
var listed byte

// traceLimit is the largest trace of one goroutine that is looked at: the
// runtime prints at most 100 frames, of two lines each.
const traceLimit = 64 << 10

// traces keeps buffers for them.
var traces = sync.Pool{New: func() any { return new([traceLimit]byte) }}

// startedByUser reports whether the calling goroutine is one that a listing of
// all goroutines shows for as long as it lives: its trace ends with a "created
// by" line that does not name the runtime. The main goroutine, callbacks from C
// threads and the runtime's own goroutines have none, or are left out of
// listings between their jobs.
func startedByUser() bool {
	buf := traces.Get().(*[traceLimit]byte)
	defer traces.Put(buf)
	trace := buf[:runtime.Stack(buf[:], false)]
	if len(trace) == len(buf) {
		return false
	}
	i := bytes.LastIndex(trace, []byte("\ncreated by "))
	return i >= 0 && !bytes.HasPrefix(trace[i:], []byte("\ncreated by runtime."))
}

// listingLimit bounds the memory that a listing of all goroutines may take.
const listingLimit = 256 << 20

// Listing returns the IDs of all user goroutines, from a stack trace of all of
// them. It stops the world. It returns ok == false if the trace did not fit.
func Listing() (ids map[int64]struct{}, ok bool) {
	for size := 1 << 20; size <= listingLimit; size *= 2 {
		buf := make([]byte, size)
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			return parseListing(buf[:n])
		}
	}
	return nil, false
}

// parseListing collects the IDs in the headers of a listing: every trace is
// preceded by an empty line, except the first. A header that cannot be read
// makes the whole listing worthless.
func parseListing(listing []byte) (ids map[int64]struct{}, ok bool) {
	ids = make(map[int64]struct{})
	for _, trace := range bytes.Split(listing, []byte("\n\n")) {
		if len(trace) == 0 {
			continue
		}
		id, ok := parseHeader(trace)
		if !ok {
			return nil, false
		}
		ids[id] = struct{}{}
	}
	return ids, true
}
