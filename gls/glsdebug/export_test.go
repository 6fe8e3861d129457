package glsdebug

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

// ParseTrace returns every goroutine of trace.
func ParseTrace(trace []byte) []stack {
	list, _ := parseTrace(trace, func(int64) bool { return true })
	return list
}
