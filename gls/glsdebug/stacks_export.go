package glsdebug

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// writeText writes s for a terminal.
func (s *stacks) writeText(to io.Writer) error {
	w := bufio.NewWriter(to)
	fmt.Fprintf(w, "%d of %s, the world stood still for %s\n", s.Found, counted(s.Total, "goroutine"), s.Pause)
	for _, g := range s.Groups {
		fmt.Fprintf(w, "\n%d × [%s] %s\n", len(g.IDs), strings.Join(g.States, ", "), line(g.Bindings))
		fmt.Fprintf(w, "goroutines %s\n", strings.Trim(fmt.Sprint(g.IDs), "[]"))
		for _, f := range g.Frames {
			fmt.Fprintf(w, "  %s\n      %s:%s\n", f.Func, f.File, f.Line)
		}
		if f := g.Created; f != nil {
			how := "created"
			if g.Spawned {
				how = "spawned"
			}
			fmt.Fprintf(w, "%s by %s\n      %s:%s\n", how, f.Func, f.File, f.Line)
		}
	}
	if s.Omitted > 0 {
		fmt.Fprintf(w, "\nand %s\n", counted(s.Omitted, "more group"))
	}
	return w.Flush()
}

// writeJSON writes s as one JSON object.
func (s *stacks) writeJSON(w io.Writer) error {
	type jsonFrame struct {
		Func string `json:"func"`
		File string `json:"file"`
		Line string `json:"line"`
	}
	type jsonGroup struct {
		IDs      []int64     `json:"goroutines"`
		States   []string    `json:"states"`
		Bindings []jsonBound `json:"bindings"`
		Frames   []jsonFrame `json:"frames"`
		Created  *jsonFrame  `json:"created_by,omitempty"`
		Spawned  bool        `json:"spawned,omitempty"` // created_by is a call of package spawn
	}
	groups := make([]jsonGroup, len(s.Groups))
	for i, g := range s.Groups {
		out := jsonGroup{IDs: g.IDs, States: g.States, Spawned: g.Spawned, Bindings: jsonBindings(g.Bindings), Frames: []jsonFrame{}}
		for _, f := range g.Frames {
			out.Frames = append(out.Frames, jsonFrame(f))
		}
		if g.Created != nil {
			created := jsonFrame(*g.Created)
			out.Created = &created
		}
		groups[i] = out
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Time    time.Time   `json:"time"`
		Total   int         `json:"total"`
		Found   int         `json:"found"`
		Cut     bool        `json:"cut,omitempty"`
		Omitted int         `json:"omitted_groups,omitempty"`
		Groups  []jsonGroup `json:"groups"`
	}{s.Time, s.Total, s.Found, s.Cut, s.Omitted, groups})
}
