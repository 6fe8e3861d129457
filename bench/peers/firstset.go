package main

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// bench/scale measures first Sets of goroutines beside others that stay: those
// with an entry each (gls), and without (none).

// firstSetParts are the parts of first Sets that are shown, with their names.
var firstSetParts = []struct{ unit, name string }{
	{"p50-sec", "median"}, {"p99-sec", "p99"}, {"p9999-sec", "p99.99"},
}

func firstSetFigure(x int, impl, unit string) figure {
	return figure{op: "FirstSet", param: "goroutines", x: x, impl: impl, unit: unit}
}

// firstSetPicture is the picture of latency against live entries.
func firstSetPicture() picture {
	return picture{"million", "First Set against the number of live entries",
		"New goroutines set a variable, one after the other, beside so many that stay: with an entry each (blue), and without any (grey). The collector runs when it wants to.",
		drawFirstSets, seriesSet{op: "FirstSet"}}
}

// drawFirstSets draws a pair of lines for each part.
func drawFirstSets(r *results) (*drawing, error) {
	xs := r.xs(firstSetFigure(0, "gls", firstSetParts[0].unit))
	if xs == nil {
		return nil, nil
	}
	d := newDrawing(330, 70)
	d.X.Label.Text = "live goroutines"
	d.Y.Scale = plot.LogScale{}
	low, high := math.Inf(1), 0.0
	for _, part := range firstSetParts {
		for _, who := range []string{"none", "gls"} {
			points := &confident{}
			for _, x := range r.xs(firstSetFigure(0, who, part.unit)) {
				s, _ := r.summary(firstSetFigure(x, who, part.unit))
				points.XYs = append(points.XYs, plotter.XY{X: float64(slices.Index(xs, x)), Y: s.Center})
				points.YErrors = append(points.YErrors, struct{ Low, High float64 }{})
				low, high = min(low, s.Center), max(high, s.Center)
			}
			if len(points.XYs) == 0 {
				continue
			}
			if err := d.addLine(who, points); err != nil {
				return nil, err
			}
			if last := points.XYs[len(points.XYs)-1]; who == "gls" {
				d.labels = append(d.labels, label{last.X, last.Y, who, part.name})
			}
		}
	}
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = color.Transparent, hairline
	d.Add(grid)
	d.Y.Min, d.Y.Max = low/1.3, high*1.3
	d.Y.Tick.Marker = plot.TickerFunc(decades)
	d.X.Tick.Marker = positions(xs)
	d.X.Min, d.X.Max = 0, float64(max(1, len(xs)-1))
	d.X.Padding = vg.Length(4)
	return d, nil
}

// firstSetTable has a row for each line of the picture.
func (r *results) firstSetTable() table {
	xs := r.xs(firstSetFigure(0, "gls", firstSetParts[0].unit))
	t := table{Head: []string{"live goroutines"}}
	for _, x := range xs {
		t.Head = append(t.Head, thousands(x))
	}
	for _, part := range firstSetParts {
		for _, side := range []struct{ impl, name string }{{"gls", "with an entry each"}, {"none", "without"}} {
			line := texts(part.name + ", " + side.name)
			for _, x := range xs {
				text := "–"
				if s, ok := r.summary(firstSetFigure(x, side.impl, part.unit)); ok {
					text = withSpread(s, part.unit)
				}
				line = append(line, cell{Text: text})
			}
			t.Rows = append(t.Rows, line)
		}
	}
	return t
}
