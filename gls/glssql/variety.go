package glssql

import (
	"hash/maphash"
	"sync"

	"github.com/seed18162548/contextvars/gls"
)

// A variety counts the different texts that comments make of statements, for
// drivers that cache statements by their text, and removes variables with too
// many values from the comments. All connections of a database share one.
type variety struct {
	omit func(gls.AnyVar) // called for variables that are left out; may be nil; immutable

	mu      sync.Mutex
	bare    map[uint64]struct{}   // statements without comment; guarded by mu
	texts   map[uint64]struct{}   // statements with comment; guarded by mu
	values  []map[uint64]struct{} // of each tag; guarded by mu
	omitted []bool                // tags that are left out; guarded by mu
}

// The cache of pgx has room for 512 statements.
const (
	// More than fewTexts texts are too many if that is more than manyEach for each
	// statement.
	fewTexts = 128
	manyEach = 4
	// More than manyTexts texts are too many if that is more than someEach for each
	// statement.
	manyTexts = 256
	someEach  = 2
	// At maxTexts texts, counting starts again.
	maxTexts = 1024
)

var seed = maphash.MakeSeed()

func newVariety(tags int, omit func(gls.AnyVar)) *variety {
	v := &variety{omit: omit, omitted: make([]bool, tags)}
	v.clear()
	return v
}

// clear starts counting from zero. The caller must hold mu unless v is new.
func (v *variety) clear() {
	v.bare, v.texts = make(map[uint64]struct{}), make(map[uint64]struct{})
	v.values = make([]map[uint64]struct{}, len(v.omitted))
	for i := range v.values {
		v.values[i] = make(map[uint64]struct{})
	}
}

// keeps returns pairs, which are those of query's comment, without the
// variables that are left out, and counts the rest. It modifies pairs.
func (v *variety) keeps(tags []tag, query string, pairs []pair) []pair {
	kept, omitted := v.count(query, pairs)
	if omitted >= 0 && v.omit != nil {
		v.omit(tags[omitted].variable)
	}
	return kept
}

// count is keeps without the call of omit: it returns the tag to call that for,
// or -1.
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
