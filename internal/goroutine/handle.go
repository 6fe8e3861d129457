package goroutine

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// Handle returns what a registry entry has to store about the calling goroutine
// so that its end can be detected later: its g if FastLiveness is true, and
// otherwise a mark that a [Dump] shows the goroutine for as long as it lives.
// If Handle returns nil, only the goroutine itself may remove its entry.
//
// Without FastLiveness, Handle costs time in proportion to the depth of the
// stack.
func Handle() unsafe.Pointer {
	switch {
	case FastLiveness:
		return getg()
	case alwaysInDump():
		return unsafe.Pointer(&inDump)
	default:
		return nil
	}
}

// Self returns what ID and Handle return, and costs less than both.
func Self() (id int64, handle unsafe.Pointer) {
	if FastLiveness {
		g := getg()
		return *(*int64)(unsafe.Add(g, verified.goid)), g
	}
	return ID(), Handle()
}

// inDump is what the Handle of a goroutine points to if every dump shows it.
var inDump byte

// What this file assumes of the runtime (isSystemGoroutine and
// tracebackothers in traceback.go), checked against Go 1.21 to 1.27:
//
//   - A dump shows every goroutine whose status is not dead, except system
//     goroutines. Those are the goroutines whose start function has a name that
//     begins with "runtime.", except those in shownStarts; the goroutines that
//     run finalizers and cleanups have such start functions too, but are shown
//     while they run one.
//   - The g of a C thread is dead between two callbacks. It has no start
//     function: the frame above runtime.goexit is runtime.cgocallback.
//   - The name matters, not the package: a module runtime.example.com has
//     system goroutines too.
//
// The printed trace is no help. It omits the frames that matter, and "created
// by" may name an ancestor (GODEBUG=tracebackancestors). So alwaysInDump finds
// the start function itself, with [runtime.Callers].

// startPrefix begins the names of the start functions of system goroutines.
const startPrefix = "runtime."

// shownStarts are the start functions with startPrefix that do not make a
// goroutine a system goroutine.
var shownStarts = map[string]bool{
	"runtime.main":             true,
	"runtime.corostart":        true, // of package iter
	"runtime.handleAsyncEvent": true, // of package syscall/js
}

// callers holds buffers for runtime.Callers.
var callers = sync.Pool{New: func() any { b := make([]uintptr, 128); return &b }}

// alwaysInDump reports whether a dump shows the calling goroutine for as long
// as it lives. If that is uncertain, it returns false.
func alwaysInDump() bool {
	buf := callers.Get().(*[]uintptr)
	defer callers.Put(buf)
	n := runtime.Callers(0, *buf)
	for n == len(*buf) {
		*buf = make([]uintptr, 2*n)
		n = runtime.Callers(0, *buf)
	}
	if n < 2 || functionAt((*buf)[n-1]) != "runtime.goexit" {
		return false
	}
	start := runtime.FuncForPC((*buf)[n-2] - 1)
	if start == nil {
		return false
	}
	name := start.Name()
	if strings.HasPrefix(name, startPrefix) {
		return shownStarts[name]
	}
	// It may be inlined into the function that the goroutine began with.
	if outer := runtime.FuncForPC(start.Entry()); outer == nil || strings.HasPrefix(outer.Name(), startPrefix) {
		return false
	}
	// Or that one may be a wrapper made by the compiler, which Callers omits.
	if method := exportedMethod(name); method != "" {
		// runtime.Error.RuntimeError is such a method of package runtime.
		return method != "RuntimeError" && !prefixInUse()
	}
	return !prefixInUse() || createdByUser()
}

// functionAt returns the name of the function that pc, a return address, is in.
func functionAt(pc uintptr) string {
	f := runtime.FuncForPC(pc - 1)
	if f == nil {
		return ""
	}
	return f.Name()
}

// exportedMethod returns the name of the method if function, a name as in
// [runtime.Func], may be that of an exported method, or "" if not.
//
// A wrapper that has another package's name calls an exported method: the
// method value x.M is a function of the package of x's type, where M may be
// promoted from another package or be the method of an interface. The wrapper
// of a go statement's arguments is a function of the package of that statement.
func exportedMethod(function string) string {
	name := function[strings.LastIndexByte(function, '/')+1:]
	name = strings.ReplaceAll(name, "[...]", "")
	if strings.Count(name, ".") < 2 {
		return ""
	}
	name = name[strings.LastIndexByte(name, '.')+1:]
	if r, _ := utf8.DecodeRuneInString(name); !unicode.IsUpper(r) {
		return ""
	}
	return name
}

// prefixInUse reports whether functions of packages other than runtime may have
// names that begin with startPrefix. Modules of plugins are not known.
var prefixInUse = sync.OnceValue(func() bool {
	info, ok := debug.ReadBuildInfo()
	return !ok || hasPrefix(info)
})

func hasPrefix(info *debug.BuildInfo) bool {
	if info.Main.Path == "" { // not built in module mode
		return true
	}
	if strings.HasPrefix(info.Main.Path, startPrefix) || strings.HasPrefix(info.Path, startPrefix) {
		return true
	}
	for _, m := range info.Deps {
		if strings.HasPrefix(m.Path, startPrefix) {
			return true
		}
	}
	return false
}

// traceLimit is how much of a goroutine's trace is examined. The runtime prints
// at most 100 frames, of two lines each.
const traceLimit = 64 << 10

// traces holds buffers for traces.
var traces = sync.Pool{New: func() any { return new([traceLimit]byte) }}

// createdByUser reports whether the trace of the calling goroutine names the
// function whose go statement started it. The runtime omits names that begin
// with startPrefix.
func createdByUser() bool {
	buf := traces.Get().(*[traceLimit]byte)
	defer traces.Put(buf)
	trace := buf[:runtime.Stack(buf[:], false)]
	if i := bytes.Index(trace, []byte("\n[originating from ")); i >= 0 {
		trace = trace[:i+1] // what follows is about its ancestors
	} else if len(trace) == len(buf) {
		return false
	}
	i := bytes.LastIndex(trace, []byte("\ncreated by "))
	return i >= 0 && !bytes.HasPrefix(trace[i:], []byte("\ncreated by "+startPrefix))
}
