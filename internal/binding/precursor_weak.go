//go:build go1.24

package binding

import "weak"

// A precursor is the list from which Compact made a trie. It has the same
// bindings, so that Sets nested across a Compact are undone by restoring
// pointers too. A token that can still undo a Set holds its cell. The trie must
// not hold it: otherwise each would keep alive the one before. Weak pointers
// appeared in Go 1.24; see precursor_strong.go.
type precursor struct {
	list weak.Pointer[Cell] // immutable once published
}

// set makes list the precursor of an unpublished trie.
func (p *precursor) set(list *Cell) { p.list = weak.Make(list) }

// is reports whether list is the precursor.
func (p *precursor) is(list *Cell) bool { return p.list.Value() == list }

// forget is for origins that hold their list.
func (p *precursor) forget() {}
