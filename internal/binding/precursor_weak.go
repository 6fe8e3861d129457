//go:build go1.24

package binding

import "weak"

// A precursor is the list from which Compact made a trie. It has the same
// bindings, so that Sets nested across a Compact can be undone by restoring
// pointers. A token that can still undo a Set keeps its cell alive. The trie
// must not: otherwise each list would keep alive the one before. Weak pointers
// require Go 1.24; see precursor_strong.go.
type precursor struct {
	list weak.Pointer[Cell] // immutable once published
}

// set makes list the precursor of an unpublished trie.
func (p *precursor) set(list *Cell) { p.list = weak.Make(list) }

// is reports whether list is the precursor.
func (p *precursor) is(list *Cell) bool { return p.list.Value() == list }

// forget is for the other implementation, which keeps the list alive.
func (p *precursor) forget() {}
