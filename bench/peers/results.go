package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
	"golang.org/x/perf/benchproc"
)

// params are the parameters that benchmarks here can have, one each.
var params = []string{"vars", "goroutines", "cores", "gets", "conns", "fields", "inflight", "bar"}

// Results are what a run measured: samples, summed up without assuming a
// distribution, so by median and the confidence interval of the median.
type results struct {
	environment []benchfmt.Config
	samples     map[figure]*benchmath.Sample
}

// readResults reads a file in the format of Go benchmarks.
func readResults(r io.Reader, name string) (*results, error) {
	var parser benchproc.ProjectionParser
	everything, err := benchproc.NewFilter("*")
	if err != nil {
		return nil, err
	}
	project := func(field string) *benchproc.Projection {
		p, e := parser.Parse(field, everything)
		err = cmp.Or(err, e)
		return p
	}
	names, impls := project(".name"), project("/impl")
	var byParam []*benchproc.Projection
	for _, p := range params {
		byParam = append(byParam, project("/"+p))
	}
	if err != nil {
		return nil, err
	}

	res := &results{samples: make(map[figure]*benchmath.Sample)}
	values := make(map[figure][]float64)
	reader := benchfmt.NewReader(r, name)
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, record
		case *benchfmt.Result:
			if res.environment == nil {
				res.environment = record.Clone().Config
			}
			f := figure{op: names.Project(record).StringValues(), impl: impls.Project(record).StringValues()}
			for i, p := range params {
				if x := byParam[i].Project(record).StringValues(); x != "" {
					f.param = p
					if f.x, err = strconv.Atoi(x); err != nil {
						f.x, f.impl = 0, x // a bar has a name
					}
				}
			}
			for _, v := range record.Values {
				f.unit = v.Unit
				values[f] = append(values[f], v.Value)
			}
		}
	}
	for f, v := range values {
		res.samples[f] = benchmath.NewSample(v, &benchmath.DefaultThresholds)
	}
	return res, reader.Err()
}

// confidence of the intervals that are shown.
const confidence = 0.95

// summary returns the median of f and its confidence interval, and reports
// whether f was measured.
func (r *results) summary(f figure) (benchmath.Summary, bool) {
	if f.x == largest {
		xs := r.xs(f)
		if len(xs) == 0 {
			return benchmath.Summary{}, false
		}
		f.x = xs[len(xs)-1]
	}
	sample, ok := r.samples[f]
	if !ok {
		return benchmath.Summary{}, false
	}
	return benchmath.AssumeNothing.Summary(sample, confidence), true
}

// xs returns the values of the parameter at which f was measured, increasing.
// f.x does not matter.
func (r *results) xs(f figure) []int {
	var xs []int
	for g := range r.samples {
		at := g.x
		if g.x = f.x; g == f {
			xs = append(xs, at)
		}
	}
	slices.Sort(xs)
	return xs
}

// counts returns how many results f has.
func (r *results) counts(f figure) int {
	if sample, ok := r.samples[f]; ok {
		return len(sample.Values)
	}
	return 0
}

// get returns an entry of the environment, "" if it is not there.
func (r *results) get(key string) string {
	for _, c := range r.environment {
		if c.Key == key {
			return string(c.Value)
		}
	}
	return ""
}

// machine says in a line where and when was measured.
func (r *results) machine() string {
	line := fmt.Sprintf("%s, %s cores, %s %s/%s, %s", r.get("cpu"), r.get("cores"), r.get("go"), r.get("goos"), r.get("goarch"), r.get("date"))
	if r.get("effort") == "quick" {
		line += "; a quick run with smaller crowds, not to be quoted"
	}
	return line
}
