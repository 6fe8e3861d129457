package fix

import (
	"fmt"
	"io"
	"regexp"
	"sort"

	"github.com/seed18162548/contextvars/cmd/gls/internal/site"
)

// particulars are what makes reasons of one kind differ, and what stands in
// their place: comments, the calls that were followed, places, and names.
var particulars = []struct {
	pattern *regexp.Regexp
	by      string
}{
	{regexp.MustCompile(`//gls:(\w+) .*`), "//gls:$1"},
	{regexp.MustCompile(`\bit calls .* \(called in [^)]*\), which `), "it "},
	{regexp.MustCompile(`\bline \d+|\S+\.go:\d+`), "some line"},
	{regexp.MustCompile(`(nothing is known|calls itself again in some line): .*`), "$1"},
	{regexp.MustCompile(`calls \S+ in some line, and package`), "calls in some line a function, and package"},
	{regexp.MustCompile(`calls in some line \S+, an interface`), "calls in some line an interface"},
}

// kindOf returns the reason without its particulars.
func kindOf(reason string) string {
	for _, p := range particulars {
		reason = p.pattern.ReplaceAllString(reason, p.by)
	}
	return reason
}

// Table prints how many sites become what, and how many are left, for which
// reasons and where.
func Table(w io.Writer, sites []site.Site) {
	becomes, left := map[string]int{}, map[string]int{}
	kinds := map[site.Kind]int{}
	for _, s := range sites {
		kinds[s.Kind]++
		if s.Becomes != "" {
			becomes[s.Becomes]++
		} else {
			left[kindOf(s.Left)]++
			what := "left"
			if s.Kind == site.Callback {
				what = "callback left"
			}
			fmt.Fprintf(w, "%s:%d: %s: %s\n", Shorten(s.File), s.Line, what, s.Left)
		}
		if s.Invalid != "" {
			fmt.Fprintf(w, "%s:%d: %s\n", Shorten(s.File), s.Line, s.Invalid)
		}
	}
	fmt.Fprintf(w, "%d go statements, %d callbacks\n", kinds[site.Go], kinds[site.Callback])
	rows(w, "become ", becomes)
	rows(w, "left: ", left)
}

// rows prints counts, the highest first.
func rows(w io.Writer, prefix string, counts map[string]int) {
	keys := sortedKeys(counts)
	sort.SliceStable(keys, func(i, j int) bool { return counts[keys[i]] > counts[keys[j]] })
	for _, k := range keys {
		fmt.Fprintf(w, "%6d  %s%s\n", counts[k], prefix, k)
	}
}
