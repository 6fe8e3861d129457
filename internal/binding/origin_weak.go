//go:build go1.24

package binding

import "weak"

// An origin is the list that Compact made a trie of, which has the same bindings:
// Sets nested across a Compact are undone by restoring pointers too. Who can
// still undo a Set holds its cell, in a token; the trie need not, and must not,
// lest each keep alive the one before. Weak pointers appear with Go 1.24; see
// origin_strong.go.
type origin struct {
	list weak.Pointer[Cell] // immutable once published
}

// set makes list the origin of an unpublished trie.
func (o *origin) set(list *Cell) { o.list = weak.Make(list) }

// is reports whether list is the origin.
func (o *origin) is(list *Cell) bool { return o.list.Value() == list }

// forget is for origins that hold their list.
func (o *origin) forget() {}
