// Model checks the model of the registry's protocol, registry.pml, with spin:
// it must be right in every configuration, and wrong with each seeded fault.
//
// It needs spin and a C compiler, one core, 2 GiB and some three minutes.
package main

import (
	"embed"
	"regexp"

	"github.com/seed18162548/contextvars/internal/spin"
)

//go:embed *.pml
var model embed.FS

// callbacks is the configuration with a g of C threads. It is the one in which
// the faults are looked for: only that g is ever dead for a while.
var callbacks = []string{"-DGS=1", "-DCALLBACKS=1", "-DIDS=2"}

var runs = []spin.Run{
	{Name: "one g and one of C threads", Defines: callbacks},
	{Name: "two g's", Defines: []string{"-DGS=2", "-DCALLBACKS=0", "-DIDS=2"}},
	{
		Name:     "fault: a sweep trusts a stale status",
		Defines:  append([]string{"-DFAULT_STALE_STATUS"}, callbacks...),
		Violates: regexp.MustCompile(`^assertion violated ended\[who\[swept\]\]$`),
	},
	{
		Name:     "fault: a growing table loses a removal",
		Defines:  append([]string{"-DFAULT_LOST_REMOVAL"}, callbacks...),
		Violates: regexp.MustCompile(`^assertion violated found$`),
	},
	{
		Name:     "fault: a growing table loses an insertion",
		Defines:  append([]string{"-DFAULT_LOST_INSERT"}, callbacks...),
		Violates: regexp.MustCompile(`^assertion violated found$`),
	},
	{
		Name:     "fault: a slot becomes empty too early",
		Defines:  append([]string{"-DFAULT_EARLY_REUSE"}, callbacks...),
		Violates: regexp.MustCompile(`^assertion violated \(entry\[.*\]==0\)$`),
	},
	{
		Name:     "fault: a State is reused too early",
		Defines:  append([]string{"-DFAULT_EARLY_STATE"}, callbacks...),
		Violates: regexp.MustCompile(`^assertion violated \(entry\[x\]!=making\)$`),
	},
}

func main() { spin.Main(model, "registry.pml", runs) }
