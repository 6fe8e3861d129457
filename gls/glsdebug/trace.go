package glsdebug

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/seed18162548/contextvars/internal/registry"
)

// A stack is one goroutine of a trace as [runtime.Stack] writes it.
type stack struct {
	ID      int64
	State   string // such as "chan receive"
	Frames  []frame
	Created *frame // the go statement; nil for the main goroutine
	Spawned bool   // whether Created is the call of package spawn instead
}

// spawnedBy replaces the go statement in package spawn with the call of that
// package, if b has it.
func (s *stack) spawnedBy(b *registry.SpawnRecord) {
	if b == nil {
		return
	}
	if f, ok := b.Site(); ok {
		s.Created, s.Spawned = &frame{f.Function, f.File, strconv.Itoa(f.Line)}, true
	}
}

// A frame is a function call. The arguments are left out, because they are
// words of memory that could be part of a hidden value.
type frame struct {
	Func string
	File string
	Line string
}

// parseTrace returns the goroutines of trace for which wanted returns true, and
// the number of all goroutines. It leaves out what it cannot parse. The last
// goroutine of a trace that was cut off may lack frames.
func parseTrace(trace []byte, wanted func(id int64) bool) (list []stack, all int) {
	for len(trace) > 0 {
		var block []byte
		block, trace, _ = bytes.Cut(trace, []byte("\n\n"))
		header, frames, _ := bytes.Cut(block, []byte("\n"))
		s, ok := parseHeader(string(header))
		if !ok {
			continue
		}
		all++
		if wanted(s.ID) {
			s.parseFrames(strings.Split(string(frames), "\n"))
			list = append(list, s)
		}
	}
	return list, all
}

// parseHeader parses "goroutine 17 [chan receive, 2 minutes]:". The ID may be
// followed by more than the state: by addresses if GOTRACEBACK=system, and by
// pprof labels, which must not be shown.
func parseHeader(header string) (s stack, ok bool) {
	header, ok = strings.CutPrefix(header, "goroutine ")
	if !ok {
		return s, false
	}
	number, rest, _ := strings.Cut(header, " ")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return s, false
	}
	_, state, _ := strings.Cut(rest, "[")
	if i := strings.IndexAny(state, ",]"); i >= 0 {
		state = state[:i]
	}
	return stack{ID: id, State: state}, true
}

// parseFrames parses the lines below the header, two for each frame.
func (s *stack) parseFrames(lines []string) {
	for i := 0; i+1 < len(lines); i++ {
		place, ok := strings.CutPrefix(lines[i+1], "\t")
		if !ok {
			continue // "...additional frames elided..."
		}
		f := frame{Func: lines[i]}
		f.File, f.Line = parsePlace(place)
		if by, ok := strings.CutPrefix(f.Func, "created by "); ok {
			f.Func, _, _ = strings.Cut(by, " in goroutine ")
			s.Created = &f
		} else {
			if j := strings.LastIndexByte(f.Func, '('); j > 0 {
				f.Func = f.Func[:j]
			}
			s.Frames = append(s.Frames, f)
		}
		i++
	}
}

// parsePlace splits "file:line +0x1d".
func parsePlace(place string) (file, line string) {
	if i := strings.LastIndex(place, " +0x"); i >= 0 {
		place = place[:i]
	}
	if i := strings.LastIndexByte(place, ':'); i >= 0 {
		return place[:i], place[i+1:]
	}
	return place, ""
}

// key returns a text that is the same for equal stacks.
func (s stack) key() string {
	var b strings.Builder
	for _, f := range s.Frames {
		b.WriteString(f.Func + "\x00" + f.File + ":" + f.Line + "\n")
	}
	if s.Created != nil {
		b.WriteString(s.Created.Func + "\x00" + s.Created.File + ":" + s.Created.Line)
	}
	return b.String()
}
