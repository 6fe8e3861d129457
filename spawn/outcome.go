package spawn

import (
	"errors"
	"runtime"
	"strings"
)

// ErrGoexit is what [Task.Wait] returns if the task's function called
// [runtime.Goexit], as the Fatal methods of tests do.
var ErrGoexit = errors.New("spawn: task called runtime.Goexit")

// goingExit reports whether the deferred function that calls it, directly, was
// called by runtime.Goexit rather than by a panic. A panic is about to crash
// the program: nobody may be told before that the task is done, and recovering
// it to find out would cost the original trace.
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
