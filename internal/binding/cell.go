// Package binding holds the persistent map from variables to values that every
// Context is: a few newest bindings in a linked list, in front of a radix trie
// that has the rest.
//
//	root ──► Cell ──► Cell ──► … ──► trie ──► node ──► Cell
//	         newest            ≤ 8         16 ways each
//
// A map is named by its first Cell, its root; nil is the empty map, and the only
// form of it. Published cells and nodes never change, but for the used mark of a
// cell, so a copy is a copy of the root. A new binding is one Cell in front;
// taking it away again is going back to the Cell behind it.
//
// Variables are numbered densely when they are registered, so that neither a
// look-up nor a copy depends on how many exist.
package binding

import "sync/atomic"

// A Key is the number of a variable.
type Key uint32

// trieKey is the key in the header of a trie; no variable has it.
const trieKey = ^Key(0)

// A Cell is one binding, or, with trieKey, the header of a trie. It is the head
// of an [Of], whose type only the variable knows.
type Cell struct {
	key  Key
	mark uint32 // depth, policied and used; accessed atomically once published
	next *Cell  // immutable once published
}

const (
	// maxDepth is how many cells stand in front of the trie. Eight is how
	// deep Sets can be nested so that every Reset is a pointer restore; a
	// longer list makes the look-up of the oldest binding dearer than the
	// trie would.
	maxDepth  = 8
	depthMask = 1<<4 - 1
	policied  = 1 << 4 // this cell or one behind it has a variable with a spawn policy
	used      = 1 << 5 // the token of this binding was reset
)

// Of is a binding to a value of type T.
type Of[T any] struct {
	Cell
	X T
}

// Key returns the number of the variable that c binds.
func (c *Cell) Key() Key { return c.key }

// Used reports whether c was given to Use.
func (c *Cell) Used() bool { return atomic.LoadUint32(&c.mark)&used != 0 }

// Use marks c as used. The caller must be in the Context in which c was bound,
// which makes it the only one to write the mark.
func (c *Cell) Use() { atomic.StoreUint32(&c.mark, atomic.LoadUint32(&c.mark)|used) }

// Before returns the map that c was put in front of. Where c replaced the head
// of that map, it is the map behind that head.
func (c *Cell) Before() *Cell { return c.next }

// Link makes c, which must not be published yet, the binding of key in front of
// the map root. It returns the cell that c replaced as the head, if that bound
// the same variable; otherwise Before is the map root itself, or one equal to
// it. policy says whether the variable has a spawn policy.
//
// It allocates nothing, but once in maxDepth net calls it moves the list into
// the trie, which takes one allocation a cell and one a touched node.
func (c *Cell) Link(key Key, policy bool, root *Cell) (replaced *Cell) {
	c.key, c.next, c.mark = key, root, 1
	if policy {
		c.mark |= policied
	}
	if root == nil {
		return nil
	}
	mark := atomic.LoadUint32(&root.mark)
	c.mark |= mark & policied
	depth := mark & depthMask
	if root.key == key {
		c.next = root.next
		c.mark += depth - 1
		return root
	}
	if depth == maxDepth {
		c.next = compact(root)
		return nil
	}
	c.mark += depth
	return nil
}

// Find returns the cell that binds key in the map c, or nil.
func (c *Cell) Find(key Key) *Cell {
	for ; c != nil; c = c.next {
		if c.key == key {
			return c
		}
		if c.key == trieKey {
			return asTrie(c).find(key)
		}
	}
	return nil
}
