package main

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/perf/benchmath"
)

// A table is for a page and for Markdown. The first column names the rows. Text
// may have code between backquotes.
type table struct {
	Head []string
	Rows [][]cell
}

// A cell is a figure, with how it came out as its class in the page.
type cell struct{ Text, Detail, Class string }

func texts(line ...string) []cell {
	var cells []cell
	for _, t := range line {
		cells = append(cells, cell{Text: t})
	}
	return cells
}

// costs are the rows of the cost table.
var costs = []struct {
	what string
	of   figure
}{
	{"Get, 1 variable bound", figure{op: "Get", param: "vars", x: 1, unit: "sec/op"}},
	{"Get, the oldest of 8", figure{op: "Get", param: "vars", x: 8, unit: "sec/op"}},
	{"Get, the oldest of 64", figure{op: "Get", param: "vars", x: 64, unit: "sec/op"}},
	{"Get, 1 variable bound, latency", figure{op: "GetLatency", param: "vars", x: 1, unit: "sec/op"}},
	{"Get, the oldest of 8, latency", figure{op: "GetLatency", param: "vars", x: 8, unit: "sec/op"}},
	{"Get, the newest of 64", figure{op: "GetNewest", param: "vars", x: 64, unit: "sec/op"}},
	{"Get, not bound", figure{op: "GetUnset", param: "vars", x: 1, unit: "sec/op"}},
	{"Get among many goroutines", figure{op: "GetAmong", param: "goroutines", x: largest, unit: "sec/op"}},
	{"Set and undo, 1 other bound", figure{op: "SetReset", param: "vars", x: 1, unit: "sec/op"}},
	{"Set and undo, 64 others bound", figure{op: "SetReset", param: "vars", x: 64, unit: "sec/op"}},
	{"Set and undo, the only binding", figure{op: "SetReset", param: "vars", x: 0, unit: "sec/op"}},
	{"copy of 64 bindings", figure{op: "Copy", param: "vars", x: 64, unit: "sec/op"}},
	{"goroutine with 1 binding", figure{op: "Spawn", param: "vars", x: 1, unit: "sec/op"}},
	{"goroutine with 64 bindings", figure{op: "Spawn", param: "vars", x: 64, unit: "sec/op"}},
	{"request: 3 bindings, 10 Gets", figure{op: "Request", param: "gets", x: 10, unit: "sec/op"}},
	{"… allocations", figure{op: "Request", param: "gets", x: 10, unit: "allocs/op"}},
	{"memory of a live goroutine", figure{op: "Memory", param: "goroutines", x: largest, unit: "B/goroutine"}},
	{"left by dead goroutines", figure{op: "Dead", param: "goroutines", x: largest, unit: "kept-B"}},
}

// floors carry no values: it is no loss to be behind them.
var floors = []string{"goid", "slowid"}

// costTable has a row for each operation and a column for each of who. A figure
// of this library is lost where a contender has a lower one and the intervals
// do not overlap.
func (r *results) costTable(who []string) table {
	t := table{Head: append([]string{""}, who...)}
	for _, row := range costs {
		line := texts(row.what)
		measured := false
		for _, name := range who {
			f := row.of
			f.impl = name
			s, ok := r.summary(f)
			if !ok {
				line = append(line, cell{Text: "–"})
				continue
			}
			measured = true
			c := cell{Text: format(s.Center, f.unit)}
			if f.unit == "sec/op" {
				c.Detail = spread(s)
			}
			if name == "gls" && len(r.winners(row.of)) > 0 {
				c.Class = "lost"
			}
			line = append(line, c)
		}
		if measured {
			t.Rows = append(t.Rows, line)
		}
	}
	return t
}

// winners returns the contenders that are clearly better than this library at
// f.
func (r *results) winners(f figure) []string {
	f.impl = "gls"
	ours, ok := r.summary(f)
	if !ok {
		return nil
	}
	var names []string
	for _, c := range field() {
		f.impl = c.Name
		if s, ok := r.summary(f); ok && s.Hi < ours.Lo && !slices.Contains(floors, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

// losses says, in a line each, where this library loses.
func (r *results) losses() []string {
	var lines []string
	for _, row := range costs {
		if names := r.winners(row.of); names != nil {
			f := row.of
			f.impl = "gls"
			ours, _ := r.summary(f)
			var better []string
			for _, name := range names {
				f.impl = name
				s, _ := r.summary(f)
				better = append(better, fmt.Sprintf("%s (%s)", name, format(s.Center, f.unit)))
			}
			lines = append(lines, fmt.Sprintf("%s, %s: %s", row.what, format(ours.Center, f.unit), strings.Join(better, ", ")))
		}
	}
	return lines
}

// barTable returns the bars of the issue, met or not.
func (r *results) barTable() table {
	t := table{Head: []string{"what", "measured", "95 % interval", "at most", "", "counts"}}
	for _, b := range bars() {
		s, v := r.judge(b)
		limit := b.remark
		if b.limit != 0 {
			limit = format(b.limit, b.of.unit)
			if b.remark != "" {
				limit += " (" + b.remark + ")"
			}
		}
		line := texts(b.what, "", "", limit, v.String(), "")
		line[4].Class = strings.ReplaceAll(v.String(), " ", "-")
		if v != unmeasured {
			f := b.of
			if xs := r.xs(f); f.x == largest {
				f.x = xs[len(xs)-1]
			}
			line[1].Text, line[2].Text, line[5].Text = format(s.Center, b.of.unit), interval(s, b.of.unit), fmt.Sprint(r.counts(f))
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// verdicts counts how many bars were met, of how many that were measured and
// have a limit.
func (r *results) verdicts() (good, of int) {
	for _, b := range bars() {
		switch _, v := r.judge(b); v {
		case met:
			good++
			of++
		case missed:
			of++
		}
	}
	return good, of
}

// dataTable returns the medians that a picture shows.
func (r *results) dataTable(s seriesSet) table {
	switch s.op {
	case "Line":
		return r.lineTable()
	case "FirstSet":
		return r.firstSetTable()
	}
	var xs []int
	for _, who := range seriesNames() {
		xs = union(xs, r.xs(figure{op: s.op, param: s.param, impl: who, unit: s.unit}))
	}
	t := table{Head: []string{s.param}}
	for _, x := range xs {
		t.Head = append(t.Head, thousands(x))
	}
	for _, who := range seriesNames() {
		line, measured := texts(who), false
		for _, x := range xs {
			text := "–"
			if m, ok := r.summary(figure{s.op, s.param, x, who, s.unit}); ok {
				text, measured = withSpread(m, s.unit), true
			}
			line = append(line, cell{Text: text})
		}
		if measured {
			t.Rows = append(t.Rows, line)
		}
	}
	return t
}

// uncertain says, in a line each, which rows have wide intervals all the same.
func (r *results) uncertain() []string {
	var lines []string
	for _, row := range costs {
		if row.of.unit != "sec/op" {
			continue
		}
		var who []string
		for _, c := range field() {
			f := row.of
			f.impl = c.Name
			if s, ok := r.summary(f); ok && reach(s, 0) > wide {
				who = append(who, c.Name+" "+spread(s))
			}
		}
		if who != nil {
			lines = append(lines, row.what+": "+strings.Join(who, ", "))
		}
	}
	for _, b := range bars() {
		scale := 0.0
		if b.of.unit != "ratio" {
			scale = b.limit
		}
		s, v := r.judge(b)
		if v == unmeasured {
			continue
		}
		line := ""
		if reach(s, scale) > wide {
			line = fmt.Sprintf("bar %s: %s", b.key, interval(s, b.of.unit))
		}
		if b.limit != 0 && s.Lo <= b.limit && b.limit < s.Hi && !unbounded(s) {
			line = fmt.Sprintf("bar %s: %s, which has the limit, %s, within", b.key, interval(s, b.of.unit), format(b.limit, b.of.unit))
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func withSpread(s benchmath.Summary, unit string) string {
	return strings.TrimSpace(format(s.Center, unit) + " " + spread(s))
}

// fieldTable says what was compared.
func (r *results) fieldTable() table {
	t := table{Head: []string{"name", "module", "what it is", "what it lacks"}}
	for _, c := range field() {
		module := c.Module
		switch version := r.get("version-" + c.Name); {
		case c.Name == "gls":
			module = "this module " + r.get("commit")
		case version != "":
			module = "`" + module + "` " + version
		case module != "":
			module = "`" + module + "`"
		}
		t.Rows = append(t.Rows, texts(c.Name, module, c.About, c.Lacks))
	}
	return t
}

// environmentTable returns where, when and how was measured.
func (r *results) environmentTable() table {
	t := table{Head: []string{"entry", "value"}}
	for _, c := range r.environment {
		t.Rows = append(t.Rows, texts(c.Key, string(c.Value)))
	}
	return t
}
