package main

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Pictures are drawn with gonum.org/v1/plot: it is kept, is Go alone, knows
// logarithmic axes and error bars, and its SVG is plain enough to be given the
// colours of the reader's theme afterwards (see svg.go).

// A picture is a figure of the report.
type picture struct {
	ID, Title, Caption string
	draw               func(r *results) (*drawing, error)
	// data are the figures that are in it, for the table beside it.
	data seriesSet
}

// A seriesSet is one benchmark, by contender and parameter.
type seriesSet struct{ op, param, unit string }

// pictures returns the figures of the report, in order.
func pictures() []picture {
	line := func(id, title, caption, x string, s seriesSet) picture {
		return picture{id, title, caption, func(r *results) (*drawing, error) { return lines(r, s, x) }, s}
	}
	bar := func(id, title, caption string, s seriesSet) picture {
		return picture{id, title, caption, func(r *results) (*drawing, error) { return columns(r, s) }, s}
	}
	return []picture{
		line("get-vars", "Get against the number of variables",
			"The variable that was bound first is read. For context, the number is the depth of the chain.", "variables bound", seriesSet{"Get", "vars", "sec/op"}),
		line("get-goroutines", "Get against the number of live goroutines",
			"An old goroutine reads while younger ones, all with a binding of their own, are there.", "live goroutines", seriesSet{"GetAmong", "goroutines", "sec/op"}),
		line("get-cores", "Get against cores",
			"Time of one operation on each core. It stays level where nothing shared is written; the empty loop shows what the machine itself loses.", "cores", seriesSet{"GetOnCores", "cores", "sec/op"}),
		line("spawn-vars", "Starting a goroutine against the number of bindings",
			"A child that does nothing is started and waited for. parameter is the go statement.", "variables bound", seriesSet{"Spawn", "vars", "sec/op"}),
		bar("memory", "Memory per live goroutine",
			"What a goroutine with one binding takes above a bare one, heap and stack.", seriesSet{"Memory", "goroutines", "B/goroutine"}),
		bar("dead", "What dead goroutines leave",
			"Kept after two collections when goroutines bind a value and end without unbinding it. jtolds cannot leave one.", seriesSet{"Dead", "goroutines", "kept-B"}),
		firstSetPicture(),
		linePicture(),
		bar("http-rate", "HTTP hello: requests per second",
			"Server and eight clients in one process. none reads headers in the handler; gls and context bind three of them in middleware.", seriesSet{"HTTP", "conns", "req/s"}),
		bar("http-p99", "HTTP hello: 99th percentile", "As before.", seriesSet{"HTTP", "conns", "p99-sec"}),
		bar("nats-rate", "Jobs over NATS: jobs per second",
			"Producers, worker and server on one machine. none publishes and consumes by hand; gls is glsnats, which carries a request ID, a user and a trace.", seriesSet{"Jobs", "inflight", "jobs/s"}),
		bar("nats-latency", "Jobs over NATS: median latency", "One job at a time.", seriesSet{"Jobs", "inflight", "latency-sec"}),
	}
}

// A drawing is a plot with labels that the plot itself cannot place.
type drawing struct {
	*plot.Plot
	height vg.Length
	right  vg.Length // space for labels beside the plot
	labels []label
}

// A label is text in the colour of a series, right of a point in the plot.
type label struct {
	x, y float64
	who  string
	text string
}

const (
	pictureWidth = 520
	smallText    = vg.Length(11)
)

func newDrawing(height, right vg.Length) *drawing {
	p := plot.New()
	p.BackgroundColor = color.Transparent
	plain := font.Font{Typeface: "Liberation", Variant: "Sans", Size: smallText}
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font, axis.Tick.Label.Font = plain, plain
		axis.Label.TextStyle.Color, axis.Tick.Label.Color = faint, faint
		axis.LineStyle.Color, axis.Tick.LineStyle.Color = hairline, hairline
	}
	return &drawing{Plot: p, height: height, right: right}
}

// lines draws a line for every contender. The x axis is by position: its values
// are spaced as powers.
func lines(r *results, s seriesSet, xLabel string) (*drawing, error) {
	d := newDrawing(330, 70)
	d.X.Label.Text = xLabel
	d.Y.Scale = plot.LogScale{}
	var xs []int
	low, high := math.Inf(1), 0.0
	for _, who := range seriesNames() {
		f := figure{op: s.op, param: s.param, impl: who, unit: s.unit}
		own := r.xs(f)
		if len(own) == 0 {
			continue
		}
		xs = union(xs, own)
		points := &confident{}
		for _, x := range own {
			f.x = x
			m, _ := r.summary(f)
			at := float64(slices.Index(xs, x))
			points.XYs = append(points.XYs, plotter.XY{X: at, Y: m.Center})
			errors := struct{ Low, High float64 }{}
			if !unbounded(m) {
				errors.Low, errors.High = m.Center-m.Lo, m.Hi-m.Center
			}
			points.YErrors = append(points.YErrors, errors)
			low, high = min(low, m.Center), max(high, m.Center)
		}
		if err := d.addLine(who, points); err != nil {
			return nil, err
		}
		last := points.XYs[len(points.XYs)-1]
		d.labels = append(d.labels, label{last.X, last.Y, who, who})
	}
	if xs == nil {
		return nil, nil
	}
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = color.Transparent, hairline
	d.Add(grid)
	d.Y.Min, d.Y.Max = low/1.3, high*1.3
	d.Y.Tick.Marker = plot.TickerFunc(decades)
	d.X.Tick.Marker = positions(xs)
	d.X.Min, d.X.Max = 0, float64(max(1, len(xs)-1))
	return d, nil
}

// confident are points with confidence intervals.
type confident struct {
	plotter.XYs
	plotter.YErrors
}

func (d *drawing) addLine(who string, points *confident) error {
	line, marks, err := plotter.NewLinePoints(points.XYs)
	if err != nil {
		return err
	}
	bars, err := plotter.NewYErrorBars(points)
	if err != nil {
		return err
	}
	style := styleOf(who)
	line.Color, marks.Color, bars.Color = style.light, style.light, style.light
	line.Width, marks.Radius, marks.Shape = style.width, style.width+0.8, draw.CircleGlyph{}
	line.Dashes = style.dashes
	bars.Width, bars.CapWidth = 0.7, 4
	d.Add(line, bars, marks)
	return nil
}

// columns draws a bar for every contender, at the largest value of the
// parameter.
func columns(r *results, s seriesSet) (*drawing, error) {
	var present []string
	for _, who := range slices.Backward(seriesNames()) {
		if len(r.xs(figure{op: s.op, param: s.param, impl: who, unit: s.unit})) > 0 {
			present = append(present, who)
		}
	}
	if present == nil {
		return nil, nil
	}
	d := newDrawing(vg.Length(34+24*len(present)), 84)
	for i, who := range present {
		m, _ := r.summary(figure{op: s.op, param: s.param, x: largest, impl: who, unit: s.unit})
		bar, err := plotter.NewBarChart(plotter.Values{max(0, m.Center)}, 14)
		if err != nil {
			return nil, err
		}
		bar.Horizontal, bar.XMin, bar.Color, bar.LineStyle.Width = true, float64(i), styleOf(who).light, 0
		d.Add(bar)
		d.labels = append(d.labels, label{max(0, m.Center), float64(i), who, format(m.Center, s.unit)})
	}
	d.NominalY(present...)
	d.Y.Padding = 6
	d.Y.Min, d.Y.Max = -0.6, float64(len(present))-0.4
	d.X.Min = 0
	d.HideX()
	return d, nil
}

func union(a, b []int) []int {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// decades are the ticks of a logarithmic axis of seconds.
func decades(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for e := math.Floor(math.Log10(low)); e <= math.Ceil(math.Log10(high)); e++ {
		for _, digit := range []float64{1, 2, 5} {
			x := digit * math.Pow(10, e)
			if x < low || x > high {
				continue
			}
			tick := plot.Tick{Value: x}
			if digit == 1 || high/low < 60 {
				tick.Label = strings.Replace(format(x, "sec/op"), ".00 ", " ", 1)
				tick.Label = strings.Replace(tick.Label, ".0 ", " ", 1)
			}
			ticks = append(ticks, tick)
		}
	}
	return ticks
}

// positions are the ticks of an axis on which x stands at its place in xs.
func positions(xs []int) plot.ConstantTicks {
	var ticks plot.ConstantTicks
	for i, x := range xs {
		ticks = append(ticks, plot.Tick{Value: float64(i), Label: thousands(x)})
	}
	return ticks
}

func thousands(x int) string {
	switch {
	case x >= 1_000_000:
		return fmt.Sprintf("%dM", x/1_000_000)
	case x >= 1000:
		return fmt.Sprintf("%dk", x/1000)
	}
	return fmt.Sprint(x)
}

// place draws the labels beside their points in the finished plot, moved apart
// where they would overlap.
func (d *drawing) place(c draw.Canvas) {
	inner := draw.Crop(c, 0, -d.right, 0, 0)
	d.Draw(inner)
	data := d.DataCanvas(inner)
	x, y := d.Transforms(&data)
	slices.SortFunc(d.labels, func(a, b label) int { return int(math.Copysign(1, a.y-b.y)) })
	next := vg.Length(math.Inf(-1))
	for _, l := range d.labels {
		at := max(y(l.y), next)
		next = at + smallText
		c.FillText(text.Style{
			Color:   styleOf(l.who).light,
			Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: smallText},
			YAlign:  text.YCenter,
			Handler: plot.DefaultTextHandler,
		}, vg.Point{X: x(l.x) + 7, Y: at}, l.text)
	}
}
