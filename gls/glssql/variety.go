package glssql

import (
	"hash/maphash"
	"sync"

	"github.com/seed18162548/contextvars/gls"
)

// A variety counts, for drivers that cache statements by their text, how many
// texts the comments make of each statement, and leaves out of the comments the
// variables that make too many. It is one for all connections of a database.
type variety struct {
	omit func(gls.AnyVar) // told of variables that are left out; may be nil; immutable

	mu      sync.Mutex
	bare    map[uint64]struct{}   // statements without comment; guarded by mu
	texts   map[uint64]struct{}   // statements with comment; guarded by mu
	values  []map[uint64]struct{} // of each tag; guarded by mu
	omitted []bool                // tags that are left out; guarded by mu
}

// The cache of pgx has room for 512 statements.
const (
	// fewTexts are no matter, unless statements have manyEach on average.
	fewTexts = 128
	manyEach = 4
	// manyTexts are too many, unless the program has that many statements
	// itself.
	manyTexts = 256
	someEach  = 2
	// maxTexts is where counting starts anew.
	maxTexts = 1024
)

var seed = maphash.MakeSeed()

func newVariety(tags int, omit func(gls.AnyVar)) *variety {
	v := &variety{omit: omit, omitted: make([]bool, tags)}
	v.clear()
	return v
}

// clear starts counting. mu must be held, or v be new.
func (v *variety) clear() {
	v.bare, v.texts = make(map[uint64]struct{}), make(map[uint64]struct{})
	v.values = make([]map[uint64]struct{}, len(v.omitted))
	for i := range v.values {
		v.values[i] = make(map[uint64]struct{})
	}
}

// keeps removes from pairs, which are those of query's comment, the ones that
// are left out, in place, and counts the others.
func (v *variety) keeps(tags []tag, query string, pairs []pair) []pair {
	kept, omitted := v.count(query, pairs)
	if omitted >= 0 && v.omit != nil {
		v.omit(tags[omitted].variable)
	}
	return kept
}

// count is keeps without telling anybody: omitted is the tag to tell of, or -1.
func (v *variety) count(query string, pairs []pair) (kept []pair, omitted int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	kept = pairs[:0]
	bare := maphash.String(seed, query)
	text := bare
	for _, p := range pairs {
		if v.omitted[p.tag] {
			continue
		}
		kept = append(kept, p)
		value := maphash.String(seed, p.value)
		v.values[p.tag][value] = struct{}{}
		text = text*31 + value + uint64(p.tag)
	}
	v.bare[bare] = struct{}{}
	v.texts[text] = struct{}{}

	most := -1
	n := len(v.texts)
	switch {
	case n > fewTexts && n > manyEach*len(v.bare), n > manyTexts && n > someEach*len(v.bare):
		for i, values := range v.values {
			if most < 0 || len(values) > len(v.values[most]) {
				most = i
			}
		}
		v.omitted[most] = true
		v.clear()
	case n > maxTexts:
		v.clear()
	}
	return kept, most
}
