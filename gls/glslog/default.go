package glslog

import (
	"errors"
	"fmt"
	"log"
	"log/slog"
	"reflect"
	"runtime"
	"strings"
)

// ErrDefaultHandler reports that a handler that wraps slog's initial default
// handler was itself made the default. The initial handler writes to package
// log, which writes to the default handler, and so on without end.
var ErrDefaultHandler = errors.New("glslog: the default handler wraps slog's initial one, which writes to it through package log; wrap slog.NewTextHandler(os.Stderr, nil) instead")

// wrapsDefault reports whether h is slog's initial handler or wraps it.
func wrapsDefault(h slog.Handler) bool {
	return anyBehind(reflect.ValueOf(h), func(v reflect.Value) bool { return isDefault(v.Type()) })
}

// isDefault reports whether t is the type of slog's initial handler.
func isDefault(t reflect.Type) bool { return t.String() == "*slog.defaultHandler" }

// showsFields reports whether h is a handler of this package or wraps one.
func showsFields(h slog.Handler) bool {
	return anyBehind(reflect.ValueOf(h), func(v reflect.Value) bool { return v.Type() == ownType })
}

var (
	ownType     = reflect.TypeOf((*Handler)(nil))
	handlerType = reflect.TypeOf((*slog.Handler)(nil)).Elem()
)

// maxWrappers is how many handlers, each around the next, anyBehind looks at.
const maxWrappers = 16

// anyBehind reports whether found returns true for h or for a handler that h
// wraps in a field or in a slice of handlers. It reads unexported fields and
// changes nothing. It does not find handlers that are wrapped in other ways,
// such as in a function.
func anyBehind(h reflect.Value, found func(reflect.Value) bool) bool {
	return search(h, found, maxWrappers)
}

func search(v reflect.Value, found func(reflect.Value) bool, depth int) bool {
	for v.IsValid() && v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() || depth == 0 {
		return false
	}
	if found(v) {
		return true
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := 0; i < v.NumField(); i++ {
			t := v.Field(i).Type()
			if (t.Implements(handlerType) || isHandlers(t)) && search(v.Field(i), found, depth-1) {
				return true
			}
		}
	case reflect.Slice, reflect.Array:
		if !isHandlers(v.Type()) {
			return false
		}
		for i := 0; i < v.Len(); i++ {
			if search(v.Index(i), found, depth-1) {
				return true
			}
		}
	}
	return false
}

// isHandlers reports whether t is a slice or an array of handlers.
func isHandlers(t reflect.Type) bool {
	return (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) && t.Elem().Implements(handlerType)
}

// mustNotLoop panics with ErrDefaultHandler if slog's initial handler, which c
// must wrap, would wait for a lock that its own goroutine holds.
//
// It would if package log writes to this handler, which is so after SetDefault
// unless log.SetOutput was called since. log.Writer would tell, but it takes
// the same lock.
func (c *config) mustNotLoop() {
	h := slog.Default().Handler()
	if isDefault(reflect.TypeOf(h)) {
		return // the usual case
	}
	own := func(v reflect.Value) bool {
		return v.Type() == ownType && !v.IsNil() && v.Elem().FieldByName("config").Pointer() == reflect.ValueOf(c).Pointer()
	}
	if !anyBehind(reflect.ValueOf(h), own) {
		return
	}
	if withinLog() || fmt.Sprintf("%T", log.Writer()) == "*slog.handlerWriter" {
		panic(ErrDefaultHandler)
	}
}

// withinLog reports whether the calling goroutine is in a call of Write by a
// logger of package log, which holds its lock meanwhile.
func withinLog() bool {
	var pcs [256]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	callee := ""
	for {
		frame, more := frames.Next()
		if frame.Function == "log.(*Logger).output" && strings.HasSuffix(callee, ".Write") {
			return true
		}
		if !more {
			return false
		}
		callee = frame.Function
	}
}
