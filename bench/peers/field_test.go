package main

import (
	"slices"
	"testing"

	"github.com/seed18162548/contextvars/bench/internal/contender"
	"github.com/seed18162548/contextvars/bench/internal/contender/contendertest"
)

func TestContendersReadWhatTheyBind(t *testing.T) {
	for _, c := range []contender.Contender{named("gls"), named("routine"), named("jtolds"), named("tylerb"), named("context")} {
		t.Run(c.Name, func(t *testing.T) { contendertest.Check(t, c) })
	}
}

func TestEveryContenderHasAStyle(t *testing.T) {
	for _, c := range field() {
		if !slices.Contains(seriesNames(), c.Name) {
			t.Errorf("%s has no colour", c.Name)
		}
		if c.About == "" {
			t.Errorf("%s is not described", c.Name)
		}
	}
}

func TestExperimentsHaveNamesOfTheirOwn(t *testing.T) {
	seen := make(map[string]bool)
	for _, e := range experiments() {
		if seen[e.name] || e.weight <= 0 {
			t.Errorf("%s is there twice, or takes no time", e.name)
		}
		seen[e.name] = true
	}
}
