package glsdoctor

import (
	"fmt"
	"os"
	"sync"
)

// Dir is the environment variable with the folder that results go to. Without
// it none are kept.
const Dir = "GLS_DOCTOR_DIR"

// width is how many digits a count has in a results file: the number is written
// over in place.
const width = 20

// A loss is a statement that loses a variable.
type loss struct{ site, variable string }

// An entry is what is known of a loss.
type entry struct {
	count  uint64
	offset int64 // of its line in the file
}

var results = struct {
	mu      sync.Mutex
	entries map[loss]*entry // guarded by mu
	file    *os.File        // guarded by mu; nil before the first loss
	size    int64           // guarded by mu
	off     bool            // guarded by mu; nobody wants results, or there is no way to keep them
}{entries: map[loss]*entry{}}

// lost counts one loss. The file is up to date when it returns, so that no way
// to end the process, os.Exit and crashes included, loses counts. Its lines are
// the count, the statement and the variable, separated by tabs.
func lost(site, variable string) {
	r := &results
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil && !r.off {
		r.file, r.off = open()
	}
	if r.off {
		return
	}
	key := loss{site, variable}
	e := r.entries[key]
	if e == nil {
		e = &entry{offset: r.size}
		r.entries[key] = e
		line := fmt.Sprintf("%0*d\t%s\t%s\n", width, 0, site, variable)
		r.file.WriteAt([]byte(line), e.offset)
		r.size += int64(len(line))
	}
	e.count++
	r.file.WriteAt([]byte(fmt.Sprintf("%0*d", width, e.count)), e.offset)
}

// open makes this process's results file.
func open() (f *os.File, off bool) {
	dir := os.Getenv(Dir)
	if dir == "" {
		return nil, true
	}
	f, err := os.CreateTemp(dir, "lost-*.tsv")
	return f, err != nil
}
