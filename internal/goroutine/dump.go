package goroutine

import (
	"bytes"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync/atomic"
)

const (
	// leastDump is the size of the smallest buffer for a dump.
	leastDump = 64 << 10
	// dumpLimit is the maximum size of the buffer for a dump, unless the stacks of
	// all goroutines are large themselves.
	dumpLimit = 256 << 20
	// dumpPerStack is how many bytes of dump there may be for each byte of stack. A
	// frame takes some 150 bytes of text and at least 16 bytes of stack, but a
	// stack has at least 2 KiB, of which half is free on average, and only 100
	// frames of a deep stack are printed.
	dumpPerStack = 4
)

// dumpSize is the average number of bytes per goroutine in the last dump.
var dumpSize atomic.Int64

// Dump returns the IDs of all goroutines in a stack trace of all of them, in
// ascending order. It stops the world for the time that the trace takes. It
// returns ok == false if the trace exceeds the memory that it may take, or
// cannot be parsed.
func Dump() (ids []int64, ok bool) {
	limit := dumpLimit
	if n := dumpPerStack * stackBytes(); n > limit {
		limit = n
	}
	goroutines := runtime.NumGoroutine()
	size := estimate(dumpSize.Load(), goroutines)
	for {
		size = min(max(size, leastDump), limit)
		buf := make([]byte, size)
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			ids, ok = parseDump(buf[:n])
			if len(ids) > 0 {
				dumpSize.Store(int64(n/len(ids) + 1))
			}
			return ids, ok
		}
		if size == limit {
			return nil, false
		}
		// Estimate the size from the traces that did fit.
		shown := bytes.Count(buf, traceEnd) + 1
		size = max(2*size, estimate(int64(size/shown+1), goroutines))
	}
}

// estimate returns the size of a buffer that very likely suffices if a trace
// takes each bytes on average.
func estimate(each int64, goroutines int) int {
	n := int(each) * (goroutines + 1)
	return n + n/4
}

// stackBytes returns how much memory the stacks of all goroutines take.
func stackBytes() int {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int(sample[0].Value.Uint64())
}

// traceEnd separates the traces in a dump.
var traceEnd = []byte("\n\n")

// parseDump returns the IDs in the headers of a dump, in ascending order: every
// trace is preceded by an empty line, except the first. If a header cannot be
// parsed, the whole dump is useless.
func parseDump(dump []byte) (ids []int64, ok bool) {
	for len(dump) > 0 {
		var trace []byte
		trace, dump, _ = bytes.Cut(dump, traceEnd)
		if len(trace) == 0 {
			continue
		}
		id, ok := parseHeader(trace)
		if !ok {
			return nil, false
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids, true
}
