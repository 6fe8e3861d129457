// Model checks the model of the life of jobs, jobs.pml, with spin: it must be
// right in every configuration, and wrong with each seeded fault.
//
// It needs spin and a C compiler, one core, 2 GiB and about two minutes.
package main

import (
	"embed"
	"fmt"
	"regexp"

	"github.com/seed18162548/contextvars/internal/spin"
)

//go:embed *.pml
var model embed.FS

// faults returns what may go wrong, and how often a job may fail.
func faults(workers, panics, kills, cuts, losses, puts, tries int) []string {
	var defines []string
	for _, d := range []struct {
		name  string
		value int
	}{
		{"WORKERS", workers}, {"PANICS", panics}, {"KILLS", kills},
		{"CUTS", cuts}, {"LOSSES", losses}, {"PUTS", puts}, {"TRIES", tries},
	} {
		defines = append(defines, fmt.Sprintf("-D%s=%d", d.name, d.value))
	}
	return defines
}

// with returns defines and more.
func with(defines []string, more ...string) []string { return append(more, defines...) }

var (
	buried = regexp.MustCompile(`^assertion violated \(j!=0\)$`)
	lost   = regexp.MustCompile(`^assertion violated \(done\[j\]\|\|letter\[j\]\)$`)
	queued = regexp.MustCompile(`^assertion violated \(at\[j\]!=0\)$`)
)

var runs = []spin.Run{
	{Name: "one worker", Defines: faults(1, 0, 1, 1, 1, 1, 2)},
	{Name: "one worker, panics", Defines: faults(1, 1, 1, 1, 1, 1, 2)},
	{Name: "two workers", Defines: faults(2, 0, 1, 0, 0, 0, 2)},
	{Name: "two workers, panics", Defines: faults(2, 1, 0, 1, 0, 0, 1)},
	{Name: "deaths of one ID", Defines: with(faults(2, 0, 1, 0, 1, 0, 2), "-DLETTERS")},
	{
		Name:     "fault: the server tells jobs apart by their ID alone",
		Defines:  with(faults(1, 0, 0, 0, 0, 0, 2), "-DFAULT_ID"),
		Violates: queued,
	},
	{
		Name:     "fault: and letters by name and ID",
		Defines:  with(faults(1, 0, 0, 0, 0, 0, 2), "-DLETTERS", "-DFAULT_LETTER"),
		Violates: lost,
	},
	{
		Name:     "fault: deliveries are counted, not failures",
		Defines:  with(faults(1, 0, 0, 0, 0, 0, 2), "-DFAULT_DELIVERIES"),
		Violates: buried,
	},
	{
		Name:     "fault: a suspect leaves before the server knows how it ended",
		Defines:  with(faults(2, 0, 1, 0, 0, 0, 2), "-DFAULT_LEAVE"),
		Violates: buried,
	},
}

func main() { spin.Main(model, "jobs.pml", runs) }
