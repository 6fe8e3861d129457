package glsdebug

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/seed18162548/contextvars/internal/registry"
)

// longest is the maximum number of bytes of a value where there is little room.
const longest = 200

// scopeNames has the names of the kinds of scopes, for people and programs.
var scopeNames = map[registry.ScopeKind]string{
	registry.BaseScope:     "base",
	registry.ContextScope:  "context",
	registry.BorrowedScope: "loan",
	registry.UnknownScope:  "unsettled",
}

// A jsonRow is a row in the JSON form.
type jsonRow struct {
	ID        int64       `json:"id"`
	In        string      `json:"in"`
	Ended     bool        `json:"ended,omitempty"`
	Self      bool        `json:"self,omitempty"`
	Since     *time.Time  `json:"since,omitempty"`
	SpawnedBy int64       `json:"spawned_by,omitempty"`
	Site      string      `json:"spawned_at,omitempty"`
	Orphan    bool        `json:"starter_left,omitempty"` // see registry.SpawnRecord.StarterLeft
	Bindings  []jsonBound `json:"bindings"`
}

// A jsonBound is a binding in the JSON form: a list of them, not an object,
// because variables may share a name.
type jsonBound struct {
	Var    string  `json:"var"`
	Value  *string `json:"value,omitempty"` // missing if hidden or not shown as text
	Type   string  `json:"type,omitempty"`  // in place of a value that cannot be shown
	More   int     `json:"more,omitempty"`  // bytes of the value that were cut off
	Hidden bool    `json:"hidden,omitempty"`
	Stuck  bool    `json:"stuck,omitempty"` // its String or Error method does not return
}

// A jsonValue is a value of the query's variable in the JSON form.
type jsonValue struct {
	Value *string `json:"value,omitempty"` // the beginning, if it is long
	Type  string  `json:"type,omitempty"`  // in place of values that cannot be shown
	Count int     `json:"goroutines"`
}

func jsonValues(list []valueCount) []jsonValue {
	out := make([]jsonValue, len(list))
	for i := range list {
		out[i].Count = list[i].Count
		if list[i].form == whole {
			out[i].Value = &list[i].Value
		} else {
			out[i].Type = list[i].Value
		}
	}
	return out
}

// longestJSON is the maximum number of bytes of a value in the JSON form. With
// it, a thousand rows of a few variables stay within some megabytes.
const longestJSON = 4096

func jsonBindings(list []boundVar) []jsonBound {
	out := make([]jsonBound, len(list))
	for i, b := range list {
		out[i] = jsonBound{Var: b.Name, Hidden: b.Hidden, Stuck: b.Stuck}
		switch {
		case b.Hidden:
		case b.Opaque:
			out[i].Type = b.Value
		default:
			head, more := clip(b.Value, longestJSON)
			out[i].Value, out[i].More = &head, more
		}
	}
	return out
}

// writeJSON writes v as one JSON object.
func (v *view) writeJSON(w io.Writer) error {
	rows := make([]jsonRow, len(v.Rows))
	for i, r := range v.Rows {
		rows[i] = jsonRow{ID: r.ID, In: scopeNames[r.In], Ended: r.Ended, Self: r.Self, Bindings: jsonBindings(r.Bindings)}
		if r.Record != nil {
			rows[i].Since = &r.Record.Since
			rows[i].SpawnedBy = r.Record.Parent
			rows[i].Site = site(r.Record)
			rows[i].Orphan = r.Record.StarterLeft()
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Time       time.Time   `json:"time"`
		Counters   counters    `json:"counters"`
		Tracking   bool        `json:"tracking"`
		Total      int         `json:"total"`
		Matched    int         `json:"matched"`
		Page       int         `json:"page"`
		Pages      int         `json:"pages"`
		Values     []jsonValue `json:"values,omitempty"`
		Goroutines []jsonRow   `json:"goroutines"`
	}{v.Time, v.Counters, v.Tracking, v.Total, v.Matched, v.Query.Page, v.Pages, jsonValues(v.Values), rows})
}

// writeText writes v for a terminal.
func (v *view) writeText(w io.Writer) error {
	c := v.Counters
	fmt.Fprintf(w, "goroutines with state  %d (of these shown: %d, page %d of %d)\n", v.Total, v.Matched, v.Query.Page, v.Pages)
	fmt.Fprintf(w, "reclaimed              %d in %s\n", c.Reclaimed, counted(c.Sweeps, "sweep"))
	fmt.Fprintf(w, "leaks caught           %d of %s\n", c.Leaky, counted(c.Requests, "request"))
	for _, l := range c.Leaks {
		fmt.Fprintf(w, "                       %d × %s\n", l.Count, legible(l.Var))
	}
	fmt.Fprintf(w, "goroutine IDs          %s\n", idPath(c))
	for _, n := range v.Values {
		fmt.Fprintf(w, "%-22s %d × %s\n", legible(v.Query.Var), n.Count, n.Shown())
	}
	fmt.Fprintln(w)

	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "GOROUTINE\tIN\tAGE\tSPAWNED BY\tBINDINGS")
	for _, r := range v.Rows {
		age, parent := "-", "-"
		if r.Record != nil {
			age = duration(v.Time.Sub(r.Record.Since))
			if r.Record.Parent != 0 {
				parent = strconv.FormatInt(r.Record.Parent, 10) + " at " + legible(site(r.Record))
			}
			if r.Record.StarterLeft() {
				parent += " (gone)"
			}
		}
		in := scopeNames[r.In]
		if r.Ended {
			in += ", ended"
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\n", r.ID, in, age, parent, line(r.Bindings))
	}
	return t.Flush()
}

// line returns the bindings in one line of text.
func line(list []boundVar) string {
	words := make([]string, len(list))
	for i, b := range list {
		words[i] = legible(b.Name) + "="
		switch {
		case b.Hidden:
			words[i] += "(hidden)"
		case b.Stuck:
			words[i] += "(" + legible(b.Value) + ", whose method does not return)"
		case b.Opaque:
			words[i] += "(" + legible(b.Value) + ")"
		default:
			head, more := clip(b.Value, longest)
			words[i] += strconv.QuoteToGraphic(head)
			if more > 0 {
				words[i] += fmt.Sprintf("+%s", counted(more, "byte"))
			}
		}
	}
	return strings.Join(words, " ")
}

// site returns the place where b's goroutine was started, or "".
func site(b *registry.SpawnRecord) string {
	if f, ok := b.Site(); ok {
		return fmt.Sprintf("%s:%d", f.File, f.Line)
	}
	return ""
}

// idPath describes how goroutine IDs are found.
func idPath(c counters) string {
	switch {
	case c.FastID && c.FastLiveness:
		return "fast, read from g"
	case c.FastID:
		return "fast, read from g; ended ones found by traces"
	default:
		return "slow, parsed from traces"
	}
}

// duration returns d rounded to two digits or so, for people.
func duration(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Millisecond:
		return "<1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d m %d s", d/time.Minute, d%time.Minute/time.Second)
	case d < day:
		return fmt.Sprintf("%d h %d m", d/time.Hour, d%time.Hour/time.Minute)
	default:
		return fmt.Sprintf("%d d %d h", d/day, d%day/time.Hour)
	}
}
