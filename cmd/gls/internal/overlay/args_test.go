package overlay_test

import (
	"flag"
	"slices"
	"testing"

	"github.com/seed18162548/contextvars/cmd/gls/internal/overlay"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, command    string
		args, goes, list []string
		policy, overlay  string
		detach           bool
	}{
		{name: "nothing", command: "build"},
		{name: "ours before theirs", command: "build", args: []string{"-policy", "all", "-v", "./..."}, goes: []string{"-v", "./..."}, policy: "all"},
		{name: "ours between", command: "test", args: []string{"-v", "-detach", "--policy=all", "./..."}, goes: []string{"-v", "./..."}, policy: "all", detach: true},
		{name: "behind packages", command: "test", args: []string{"./...", "-run", "X", "-policy=all"}, goes: []string{"./...", "-run", "X"}, policy: "all"},
		{name: "test arguments", command: "test", args: []string{".", "-args", "-policy", "x"}, goes: []string{".", "-args", "-policy", "x"}},
		{name: "program arguments", command: "run", args: []string{"-exec", "x y", ".", "-policy", "x"}, goes: []string{"-exec", "x y", ".", "-policy", "x"}},
		{name: "deciding", command: "build", args: []string{"-tags", "a b", "-race", "-mod=mod"}, goes: []string{"-race", "-mod=mod"}, list: []string{"-tags=a b", "-race", "-mod=mod"}},
		{name: "their overlay", command: "build", args: []string{"-overlay", "o.json", "."}, goes: []string{"."}, overlay: "o.json"},
		{name: "single dash", command: "run", args: []string{"-", "-policy"}, goes: []string{"-", "-policy"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			own := flag.NewFlagSet("", flag.ContinueOnError)
			policy, detach := own.String("policy", "", ""), own.Bool("detach", false, "")
			a, err := overlay.Parse(c.command, c.args, own)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(a.Go, c.goes) || !slices.Equal(a.ListFlags(), c.list) || *policy != c.policy || *detach != c.detach || a.Overlay != c.overlay {
				t.Errorf("got %+v, policy %q, detach %t", a, *policy, *detach)
			}
			got := a.With("x.json")
			if a.Tags != "" && got[2] == "-tags="+a.Tags {
				got = slices.Delete(got, 2, 3)
			}
			if got[0] != c.command || got[1] != "-overlay=x.json" || !slices.Equal(got[2:], c.goes) {
				t.Errorf("got %v", got)
			}
		})
	}
	a := &overlay.Args{}
	a.AddTag("x", "-v -tags=a,b")
	if a.Tags != "a,b,x" {
		t.Errorf("tags %q", a.Tags)
	}
	a = &overlay.Args{Tags: "a b"}
	if a.AddTag("x", "-tags=c"); a.Tags != "a,b,x" {
		t.Errorf("tags %q", a.Tags)
	}
	for _, args := range [][]string{{"-policy"}, {"-tags"}, {"-detach=maybe"}, {"-overlay"}} {
		own := flag.NewFlagSet("", flag.ContinueOnError)
		own.String("policy", "", "")
		own.Bool("detach", false, "")
		if _, err := overlay.Parse("build", args, own); err == nil {
			t.Errorf("%v is accepted", args)
		}
	}
}
