//go:build !go1.24

package binding

import "github.com/seed18162548/contextvars/internal/release"

// An origin is the list that Compact made a trie of, which has the same bindings:
// Sets nested across a Compact are undone by restoring pointers too. It holds the
// list, until the trie is compacted in turn, lest each keep alive the one before:
// Sets nested across two are undone by copying. See origin_weak.go.
type origin struct {
	list release.Pointer[Cell]
}

// set makes list the origin of an unpublished trie.
func (o *origin) set(list *Cell) { o.list.Store(list) }

// is reports whether list is the origin.
func (o *origin) is(list *Cell) bool { return o.list.Load() == list }

// forget lets go of the list. Any goroutine may call it.
func (o *origin) forget() {
	if o.list.Load() != nil {
		o.list.Store(nil)
	}
}
