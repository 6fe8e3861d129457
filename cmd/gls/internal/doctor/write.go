package doctor

import (
	"fmt"
	"io"
	"path/filepath"
	"sort"
	"strings"

	"golang.org/x/mod/module"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
)

// Write prints the results, with the verdict of the policy for each statement.
// It reports that nothing was lost only if everything was seen. cache is the
// module cache.
func (r *Reads) Write(w io.Writer, verdicts map[string]string, cache string) {
	if !r.Alive {
		fmt.Fprintln(w, "nothing was observed: what ran does not import package gls, or requires a release of it that cannot be watched")
		return
	}
	statements(w, "lost at", r.Lost, verdicts)
	statements(w, "not attributed: its starter had none", r.Worker, verdicts)
	if len(r.Unknown) > 0 {
		fmt.Fprintf(w, "%10s  %-40s %s\n", "reads", "not attributed, on goroutines created by", "variable")
	}
	for _, c := range r.Unknown {
		fmt.Fprintf(w, "%10d  %-40s %s\n", c.Reads, c.Where, c.Variable)
	}
	if deps := Dependencies(r.Unknown, cache); len(deps) > 0 {
		fmt.Fprintf(w, "with -deps %s, the statements in there are seen too\n", strings.Join(deps, ","))
	}
	lost, unknown := sum(r.Lost), sum(r.Unknown)+sum(r.Worker)
	total := lost + unknown + r.Nothing
	switch {
	case total == 0:
		fmt.Fprintln(w, "no read found nothing")
	case lost+unknown == 0:
		fmt.Fprintf(w, "no go statement lost a binding that was read: %d reads found nothing, and there was nothing to lose\n", total)
	default:
		fmt.Fprintf(w, "%d reads found nothing: %d because a statement lost the binding; %d of them could not be attributed; for %d there was nothing to lose\n",
			total, lost, unknown, r.Nothing)
	}
}

// statements prints counts by statement, with the verdicts. Statements whose
// starter had no value did not lose it; but work that their goroutines get over
// a channel or a queue may have lost one.
func statements(w io.Writer, title string, counts []Count, verdicts map[string]string) {
	if len(counts) > 0 {
		fmt.Fprintf(w, "%10s  %-40s %-20s %s\n", "reads", title, "variable", "what gls vet says")
	}
	for _, c := range counts {
		verdict := verdicts[c.Where]
		if verdict == "" {
			verdict = "it is in no package that gls vet looks at"
		}
		fmt.Fprintf(w, "%10d  %-40s %-20s %s\n", c.Reads, c.Where, c.Variable, verdict)
	}
}

// Dependencies returns the paths of the modules in the cache whose statements
// created goroutines.
func Dependencies(unknown []Count, cache string) (paths []string) {
	seen := map[string]bool{}
	for _, c := range unknown {
		_, file, _ := strings.Cut(c.Where, " ")
		rel, err := filepath.Rel(cache, file)
		if err != nil || !filepath.IsLocal(rel) {
			continue
		}
		escaped, _, ok := strings.Cut(filepath.ToSlash(rel), "@")
		if !ok {
			continue
		}
		path, err := module.UnescapePath(escaped)
		if err != nil || seen[path] || glsapi.IsFoundation(path) {
			continue
		}
		seen[path] = true
		paths = append(paths, path)
	}
	sort.Strings(paths)
	return paths
}
