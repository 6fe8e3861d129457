package main

import (
	"fmt"
	"math"
	"strings"

	"golang.org/x/perf/benchmath"
	"golang.org/x/perf/benchunit"
)

// A verdict is what came out for a bar.
type verdict int

const (
	reported verdict = iota // there is no limit
	met
	missed
	unmeasured
)

func (v verdict) String() string {
	return [...]string{"reported", "met", "not met", "not measured"}[v]
}

// judge returns what was measured for b and whether that is within its limit.
// It is the median that counts.
func (r *results) judge(b bar) (benchmath.Summary, verdict) {
	s, ok := r.summary(b.of)
	switch {
	case !ok:
		return s, unmeasured
	case b.limit == 0:
		return s, reported
	case s.Center <= b.limit:
		return s, met
	}
	return s, missed
}

// format returns x in its unit, with three digits.
func format(x float64, unit string) string {
	class, suffix := benchunit.Decimal, ""
	switch unit {
	case "ratio":
		if x < 1 {
			return fmt.Sprintf("%.3f", x)
		}
		return fmt.Sprintf("%.2f", x)
	case "allocs/op":
		return fmt.Sprintf("%.0f", x)
	case "more-allocs/op":
		return fmt.Sprintf("%.0f", math.Floor(x)) // limits have a half
	case "percent":
		return fmt.Sprintf("%.2f %%", x)
	case "entries":
		return fmt.Sprintf("%.0f", math.Floor(x)) // limits have a half
	case "req/s", "jobs/s":
		return fmt.Sprintf("%.0f/s", x)
	case "more-sec":
		if x < 0 {
			return "−" + format(-x, unit)
		}
		suffix = "s"
	case "sec/op", "p50-sec", "p99-sec", "p9999-sec", "latency-sec":
		suffix = "s"
	default:
		class, suffix = benchunit.Binary, "B"
	}
	if x <= -0.5 {
		return "−" + format(-x, unit)
	}
	if suffix == "B" && x < 1024 {
		return fmt.Sprintf("%.0f B", math.Abs(x))
	}
	scale := benchunit.CommonScale([]float64{x}, class)
	scale.Prec = max(0, scale.Prec-1)
	number := strings.TrimSuffix(scale.Format(x), scale.Prefix)
	return strings.TrimRight(number+" "+scale.Prefix+suffix, " ")
}

// unbounded reports whether there were too few counts for an interval.
func unbounded(s benchmath.Summary) bool { return math.IsInf(s.Lo, 0) || math.IsInf(s.Hi, 0) }

// spread returns how far the confidence interval of s goes to its farther side.
func spread(s benchmath.Summary) string {
	if s.Center == 0 {
		return ""
	}
	if unbounded(s) {
		return "±∞"
	}
	far := max(s.Hi-s.Center, s.Center-s.Lo) / math.Abs(s.Center)
	return fmt.Sprintf("±%.0f%%", 100*far)
}

// interval returns the confidence interval of s.
func interval(s benchmath.Summary, unit string) string {
	if unbounded(s) {
		return "too few counts"
	}
	return format(s.Lo, unit) + " – " + format(s.Hi, unit)
}
