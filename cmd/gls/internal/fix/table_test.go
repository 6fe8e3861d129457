package fix_test

import (
	"strings"
	"testing"

	"github.com/seed18162548/contextvars/cmd/gls/internal/fix"
	"github.com/seed18162548/contextvars/cmd/gls/internal/site"
)

// Reasons that differ by places, chains of calls and names are one row.
func TestTable(t *testing.T) {
	reasons := []string{
		"it waits in line 10 for a channel that outlives the request",
		"it waits in hub/hub.go:7 for a channel that outlives the request",
		"it calls run (called in line 3), which waits in line 9 for a channel that outlives the request",
		"it calls a (called in line 3), which calls …, which calls b (called in x/y.go:4), which waits in x/y.go:5 for a channel that outlives the request",
		"it calls run (called in line 1), which calls Do in line 4, and package example.com/x is not looked at",
		"it calls Client.Get in x/y.go:4, and package example.com/x is not looked at",
		"it calls in line 4 Store.Load, an interface method that nothing in the program has",
		"it calls in line 5 Store.Save, an interface method that nothing in the program has",
		"it calls in line 5 a function of which nothing is known: f",
		"it calls in line 6 a function of which nothing is known: s.hooks[i]",
		"//gls:detach it serves everybody",
		"//gls:detach it flushes",
	}
	var sites []site.Site
	for _, r := range reasons {
		sites = append(sites, site.Site{Kind: site.Go, File: "a.go", Line: 1, Left: r})
	}
	var out strings.Builder
	fix.Table(&out, sites)
	for _, want := range []string{
		"12 go statements, 0 callbacks\n" +
			"     4  left: it waits in some line for a channel that outlives the request\n" +
			"     2  left: ",
		"     2  left: //gls:detach\n",
		"     2  left: it calls in some line a function of which nothing is known\n",
		"     2  left: it calls in some line a function, and package example.com/x is not looked at\n",
		"     2  left: it calls in some line an interface method that nothing in the program has\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no\n%s\nin\n%s", want, out.String())
		}
	}
	for _, r := range reasons {
		if !strings.Contains(out.String(), "a.go:1: left: "+r+"\n") {
			t.Errorf("the list lacks %q", r)
		}
	}
}
