package glsdebug

import "time"

// For the tests of what no page shows in all its forms.
var (
	Text     = text
	Legible  = legible
	Clip     = clip
	Duration = duration
	Count    = count
	Counted  = counted
	Foreign  = foreign
)

// SetCallPatience sets how long requests wait for a method that another one has
// called, and returns a function that sets it back.
func SetCallPatience(d time.Duration) (reset func()) {
	before := callPatience
	callPatience = d
	return func() { callPatience = before }
}

// ParseTrace returns every goroutine of trace.
func ParseTrace(trace []byte) []stack {
	list, _ := parseTrace(trace, func(int64) bool { return true })
	return list
}
