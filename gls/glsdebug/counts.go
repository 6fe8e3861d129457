package glsdebug

import "sort"

// A valueCount is a value of a variable and the number of goroutines that have
// the variable bound to it.
type valueCount struct {
	Value string
	Count int
	Long  bool // whether Value is only the beginning of longer values
	form  form
}

// Shown returns as much of the value as there is room for.
func (c valueCount) Shown() string {
	head, more := clip(c.Value, longest)
	switch s := legible(head); {
	case c.form == stuck:
		return s + ", whose method does not return"
	case c.form == opaque:
		return "of type " + s
	case s == "":
		return `""`
	case more > 0 || c.Long:
		return s + "…"
	default:
		return s
	}
}

// valueCounts counts values. Long values with the same beginning count as one.
type valueCounts map[valueCount]*int

const (
	// maxDistinct is the maximum number of values that are counted. Variables that
	// have more are identifiers, whose counts mean nothing.
	maxDistinct = 10_000
	// maxValues is the maximum number of values that are shown.
	maxValues = 20
)

// add counts a value that formatter.text returned.
func (c valueCounts) add(s string, how form) {
	head, more := clip(s, longestAddress)
	key := valueCount{Value: head, Long: more > 0, form: how}
	if n := c[key]; n != nil {
		*n++
		return
	}
	if len(c) < maxDistinct {
		n := 1
		c[key] = &n
	}
}

// list returns the most frequent values, sorted by descending count.
func (c valueCounts) list() (list []valueCount) {
	for key, n := range c {
		key.Count = *n
		list = append(list, key)
	}
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		switch {
		case a.Count != b.Count:
			return a.Count > b.Count
		case a.Value != b.Value:
			return a.Value < b.Value
		default:
			return a.form < b.form || a.form == b.form && !a.Long && b.Long
		}
	})
	if len(list) > maxValues {
		list = list[:maxValues]
	}
	return list
}
