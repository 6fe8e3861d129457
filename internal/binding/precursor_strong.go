//go:build !go1.24

package binding

import "github.com/seed18162548/contextvars/internal/release"

// A precursor is the list from which Compact made a trie. It has the same
// bindings, so that Sets nested across a Compact can be undone by restoring
// pointers. It keeps the list alive until the trie is compacted again;
// otherwise each list would keep alive the one before. Sets nested across two
// Compacts are undone by copying. See precursor_weak.go.
type precursor struct {
	list release.Pointer[Cell]
}

// set makes list the precursor of an unpublished trie.
func (p *precursor) set(list *Cell) { p.list.Store(list) }

// is reports whether list is the precursor.
func (p *precursor) is(list *Cell) bool { return p.list.Load() == list }

// forget drops the list. Any goroutine may call it.
func (p *precursor) forget() {
	if p.list.Load() != nil {
		p.list.Store(nil)
	}
}
