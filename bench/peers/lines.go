package main

import (
	"fmt"
	"slices"

	"golang.org/x/perf/benchfmt"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/seed18162548/contextvars/bench/internal/contender"
)

// Log lines are measured in pairs: with explicit fields, and with variables.

// lineFigure returns the figure of a line; ours says whether variables give the
// fields.
func lineFigure(name string, ours bool, unit string) figure {
	if ours {
		name += "+gls"
	}
	return figure{op: "Line", param: "fields", x: 2, impl: name, unit: unit}
}

// measureLines measures all log lines. The two of a pair take turns.
func measureLines(m *meter) error {
	for _, line := range logLines() {
		pair := []*entrant{m.enter(line.Explicit, 1), m.enter(line.Ours, 1)}
		for _, e := range pair {
			e.turn() // handlers are kept from the second line on
		}
		var objects, bytes [2]float64
		for i, e := range pair {
			objects[i], bytes[i] = e.allocated()
		}
		err := m.narrow(make([]row, 2), func(which []int) ([]float64, error) {
			times := m.inTurn(pair) // both, even if only one is wide
			var figures []float64
			for i, e := range pair {
				if slices.Contains(which, i) {
					figures = append(figures, median(times, one(i)))
				}
				f := lineFigure(line.Name, i == 1, "")
				err := m.emit(fmt.Sprintf("%s/%s=%d/impl=%s", f.op, f.param, f.x, f.impl), e.n*m.rounds,
					benchfmt.Value{Value: median(times, one(i)), Unit: "ns/op"},
					benchfmt.Value{Value: bytes[i], Unit: "B/op"},
					benchfmt.Value{Value: objects[i], Unit: "allocs/op"},
					benchfmt.Value{Value: objects[i] - objects[0], Unit: "more-allocs/op"})
				if err != nil {
					return nil, err
				}
			}
			return figures, nil
		})
		dismiss(pair)
		if err != nil {
			return err
		}
	}
	return nil
}

// lineBars returns the bars of log lines.
func lineBars() []bar {
	var all []bar
	for _, line := range logLines() {
		key := "line-" + line.Name
		all = append(all, over(key, fmt.Sprintf("a log line with two variables ÷ with two explicit fields: %s", line.About), line.Most, line.Ours, line.Explicit))
		most := line.MoreAllocs + 0.5 // a limit of 0 would be none
		all = append(all, bar{key: key + "-allocs", what: "… allocations more", limit: most, of: lineFigure(line.Name, true, "more-allocs/op")})
	}
	sampled, disabled := unwrittenLines()
	return append(all,
		longer("line-zap-sampled", "a line of zap that is sampled away, more than without glszap", 20e-9, sampled[0], sampled[1]),
		longer("line-zap-disabled", "… that is not enabled", 20e-9, disabled[0], disabled[1]))
}

// lineTable has a row for each log line.
func (r *results) lineTable() table {
	t := table{Head: []string{"", "explicit fields", "variables", "÷", "at most", "allocations", "with variables"}}
	for _, line := range logLines() {
		cells := texts(line.About)
		measured := true
		for _, f := range []figure{
			lineFigure(line.Name, false, "sec/op"), lineFigure(line.Name, true, "sec/op"), ratioOf("line-" + line.Name), {},
			lineFigure(line.Name, false, "allocs/op"), lineFigure(line.Name, true, "allocs/op"),
		} {
			if f.unit == "" {
				cells = append(cells, cell{Text: format(line.Most, "ratio")})
				continue
			}
			s, ok := r.summary(f)
			measured = measured && ok
			c := cell{Text: format(s.Center, f.unit)}
			if f.unit == "sec/op" {
				c.Detail = spread(s)
			}
			if f.unit == "ratio" && s.Center > line.Most {
				c.Class = "not-met"
			}
			cells = append(cells, c)
		}
		if measured {
			t.Rows = append(t.Rows, cells)
		}
	}
	return t
}

// linePicture is the picture of log lines, with their table.
func linePicture() picture {
	return picture{"lines", "Log lines with two variables",
		"A line with a message, a number, a request ID and a tenant, as JSON to nowhere: with the ID and the tenant as explicit fields of each line (grey), and as two bound variables that the adapter for the logger adds (blue).",
		drawLines, seriesSet{op: "Line"}}
}

// drawLines draws two bars for each logger.
func drawLines(r *results) (*drawing, error) {
	var lines []contender.LogLine
	for _, line := range slices.Backward(logLines()) {
		_, ok := r.summary(lineFigure(line.Name, true, "sec/op"))
		if ok && line.Name != "slog-requests" { // 20 lines, out of scale
			lines = append(lines, line)
		}
	}
	if lines == nil {
		return nil, nil
	}
	d := newDrawing(vg.Length(34+34*len(lines)), 84)
	var names []string
	for i, line := range lines {
		for _, b := range []struct {
			ours  bool
			who   string
			shift float64
		}{{false, "parameter", 0.19}, {true, "gls", -0.19}} {
			m, _ := r.summary(lineFigure(line.Name, b.ours, "sec/op"))
			bar, err := plotter.NewBarChart(plotter.Values{m.Center}, 11)
			if err != nil {
				return nil, err
			}
			at := float64(i) + b.shift
			bar.Horizontal, bar.XMin, bar.Color, bar.LineStyle.Width = true, at, styleOf(b.who).light, 0
			d.Add(bar)
			d.labels = append(d.labels, label{m.Center, at, b.who, format(m.Center, "sec/op")})
		}
		names = append(names, line.Name)
	}
	d.NominalY(names...)
	d.Y.Padding = 6
	d.Y.Min, d.Y.Max = -0.6, float64(len(lines))-0.4
	d.X.Min = 0
	d.HideX()
	return d, nil
}
