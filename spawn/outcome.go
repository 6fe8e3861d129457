package spawn

import (
	"errors"
	"runtime"
	"strings"
)

// ErrGoexit is what [Task.Wait] returns if the task's function called
// [runtime.Goexit], as the Fatal methods of tests do.
var ErrGoexit = errors.New("spawn: task called runtime.Goexit")

// goingExit reports whether the deferred function that directly calls it runs
// because of runtime.Goexit rather than a panic. A panic is about to crash the
// program, and nothing may report the task as done before that. Recovering the
// panic to find out would lose the original trace.
func goingExit() bool {
	var pcs [8]uintptr
	n := runtime.Callers(2, pcs[:])
	frames := runtime.CallersFrames(pcs[:n])
	for {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.Goexit":
			return true
		case strings.HasPrefix(frame.Function, "runtime."):
			return false
		case !more:
			return false
		}
	}
}
