package doctor

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// A Loss is a go statement that lost a variable.
type Loss struct {
	Site, Variable string
	Count          uint64
}

// ReadLosses sums up the results files in dir, which the processes of one run
// wrote. The most frequent losses come first.
func ReadLosses(dir string) ([]Loss, error) {
	files, err := filepath.Glob(filepath.Join(dir, "lost-*.tsv"))
	if err != nil {
		return nil, err
	}
	counts := map[Loss]uint64{}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		for s := bufio.NewScanner(f); s.Scan(); {
			fields := strings.SplitN(s.Text(), "\t", 3)
			if len(fields) < 3 {
				continue // the process was killed in the midst of it
			}
			n, err := strconv.ParseUint(fields[0], 10, 64)
			if err == nil {
				counts[Loss{Site: fields[1], Variable: fields[2]}] += n
			}
		}
		f.Close()
	}
	losses := make([]Loss, 0, len(counts))
	for l, n := range counts {
		l.Count = n
		losses = append(losses, l)
	}
	sort.Slice(losses, func(i, j int) bool {
		a, b := losses[i], losses[j]
		if a.Count != b.Count {
			return a.Count > b.Count
		}
		return a.Site+a.Variable < b.Site+b.Variable
	})
	return losses, nil
}

// WriteLosses prints losses as a table.
func WriteLosses(w io.Writer, losses []Loss) {
	if len(losses) == 0 {
		fmt.Fprintln(w, "no go statement lost a binding that was read")
		return
	}
	fmt.Fprintf(w, "%10s  %-40s %s\n", "reads", "go statement", "variable")
	for _, l := range losses {
		fmt.Fprintf(w, "%10d  %-40s %s\n", l.Count, l.Site, l.Variable)
	}
}
