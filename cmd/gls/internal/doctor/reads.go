package doctor

import (
	"bufio"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// A Count is the number of reads of a variable that are counted against a
// place.
type Count struct {
	Where, Variable string
	Reads           uint64
}

// Reads holds the reads of a program that found nothing.
type Reads struct {
	Alive   bool    // whether the program could be watched
	Lost    []Count // a starter had a value; Where is its statement
	Unknown []Count // not known; Where is the function that created the goroutine
	Worker  []Count // no starter had a value; Where is the statement
	Nothing uint64  // there was no value to lose
}

// Read returns the sums of the results files in dir, which the processes of one
// run wrote, sorted by descending count.
func Read(dir string) (*Reads, error) {
	files, err := filepath.Glob(filepath.Join(dir, "reads-*.tsv"))
	if err != nil {
		return nil, err
	}
	r := &Reads{}
	lost, unknown, worker := map[Count]uint64{}, map[Count]uint64{}, map[Count]uint64{}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		for s := bufio.NewScanner(f); s.Scan(); {
			fields := strings.SplitN(s.Text(), "\t", 4)
			if len(fields) < 4 {
				continue // the process was killed while writing it
			}
			n, err := strconv.ParseUint(fields[0], 10, 64)
			if err != nil {
				continue
			}
			switch at := (Count{Where: fields[2], Variable: fields[3]}); fields[1] {
			case "alive":
				r.Alive = true
			case "lost":
				lost[at] += n
			case "unknown":
				unknown[at] += n
			case "worker":
				worker[at] += n
			case "nothing":
				r.Nothing += n
			}
		}
		f.Close()
	}
	r.Lost, r.Unknown, r.Worker = sorted(lost), sorted(unknown), sorted(worker)
	return r, nil
}

func sorted(counts map[Count]uint64) []Count {
	list := make([]Count, 0, len(counts))
	for c, n := range counts {
		c.Reads = n
		list = append(list, c)
	}
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if a.Reads != b.Reads {
			return a.Reads > b.Reads
		}
		return a.Where+a.Variable < b.Where+b.Variable
	})
	return list
}

func sum(counts []Count) (n uint64) {
	for _, c := range counts {
		n += c.Reads
	}
	return n
}
