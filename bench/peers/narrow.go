package main

import (
	"math"

	"golang.org/x/perf/benchmath"
)

// wide is how far the confidence interval of a row may reach, as a part of its
// median, before the row is measured again.
const wide = 0.03

// A row is a figure while it is measured.
type row struct {
	counts []float64
	// scale is what the interval is compared with if it is larger than the
	// median, as where a difference may be around zero.
	scale float64
}

// isWide reports whether the confidence interval of the row is wide.
func (r *row) isWide() bool {
	s := benchmath.AssumeNothing.Summary(benchmath.NewSample(r.counts, &benchmath.DefaultThresholds), confidence)
	return reach(s, r.scale) > wide
}

// reach returns how far the interval of s goes to its farther side, as a part
// of its median, or of scale if that is larger.
func reach(s benchmath.Summary, scale float64) float64 {
	return max(s.Hi-s.Center, s.Center-s.Lo) / max(math.Abs(s.Center), scale)
}

// narrow takes counts of rows: m.counts of all, and then more of those that are
// wide, until none is or m.most were taken. take has to take one count of the
// rows that have these indexes, and to return what it was for each.
func (m *meter) narrow(rows []row, take func(which []int) ([]float64, error)) error {
	for n := range m.most {
		var which []int
		for i := range rows {
			if n < m.counts || rows[i].isWide() {
				which = append(which, i)
			}
		}
		if which == nil {
			return nil
		}
		figures, err := take(which)
		if err != nil {
			return err
		}
		for k, i := range which {
			rows[i].counts = append(rows[i].counts, figures[k])
		}
	}
	return nil
}
