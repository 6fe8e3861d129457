package glsdoctor

import (
	"fmt"
	"os"
	"sync"
)

// Dir is the environment variable that names the folder for results. If it is
// not set, results are not written.
const Dir = "GLS_DOCTOR_DIR"

// alive is the kind of the line that shows that reads are counted at all.
const alive = "alive"

// width is the number of digits of a count in a results file, where counts are
// overwritten in place.
const width = 20

// A finding identifies a counter: the kind of read, what the read is counted
// against, and the variable.
type finding struct{ kind, where, variable string }

// An entry is the counter of a finding.
type entry struct {
	count  uint64
	offset int64 // of its line in the file
}

var results = struct {
	mu      sync.Mutex
	entries map[finding]*entry // guarded by mu
	file    *os.File           // guarded by mu; nil before the first finding
	size    int64              // guarded by mu
	off     bool               // guarded by mu; results are not wanted or cannot be written
}{entries: map[finding]*entry{}}

// count counts one read. The file is up to date when it returns, so no counts
// are lost however the process ends, even by os.Exit or a crash. A line of the
// file has the count, the kind, what it is counted against and the variable,
// separated by tabs.
func count(kind, where, variable string) {
	r := &results
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil && !r.off {
		r.file, r.off = open()
	}
	if r.off {
		return
	}
	key := finding{kind, where, variable}
	e := r.entries[key]
	if e == nil {
		e = &entry{offset: r.size}
		r.entries[key] = e
		line := fmt.Sprintf("%0*d\t%s\t%s\t%s\n", width, 0, kind, where, variable)
		r.file.WriteAt([]byte(line), e.offset)
		r.size += int64(len(line))
	}
	e.count++
	r.file.WriteAt([]byte(fmt.Sprintf("%0*d", width, e.count)), e.offset)
}

// open creates the results file of this process.
func open() (f *os.File, off bool) {
	dir := os.Getenv(Dir)
	if dir == "" {
		return nil, true
	}
	f, err := os.CreateTemp(dir, "reads-*.tsv")
	return f, err != nil
}
