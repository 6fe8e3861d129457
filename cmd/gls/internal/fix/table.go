package fix

import (
	"fmt"
	"io"
	"regexp"
	"sort"

	"github.com/seed18162548/contextvars/cmd/gls/internal/site"
)

// number matches what makes reasons of one kind differ.
var number = regexp.MustCompile(`\bline \d+|//gls:(\w+) .*`)

// kindOf returns the reason without its particulars.
func kindOf(reason string) string {
	return number.ReplaceAllStringFunc(reason, func(s string) string {
		if m := number.FindStringSubmatch(s); m[1] != "" {
			return "//gls:" + m[1]
		}
		return "some line"
	})
}

// Table prints how many sites become what, how many are left and why, and where
// those are.
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
