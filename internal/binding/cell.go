// Package binding holds the persistent map from variables to values that every
// Context is: a few newest bindings in a linked list, in front of a radix trie
// that has the rest.
//
//	root ──► Cell ──► Cell ──► … ──► trie ──► node ──► Cell
//	         newest            ≤ 8    ▲    16 ways each
//	           └────── base ──────────┘
//
// A map is named by its first Cell, its root; nil is the empty map, and the only
// form of it. Published cells and nodes never change, but for the used mark of a
// cell, so a copy is a copy of the root. A new binding is one Cell in front;
// taking it away again is going back to the Cell behind it.
//
// Variables are numbered densely when they are registered, so that neither a
// look-up nor a copy depends on how many exist.
package binding

import (
	"sync/atomic"
	"unsafe"

	"github.com/seed18162548/contextvars/internal/release"
)

// A Key is the number of a variable.
type Key uint32

// trieKey is the key in the header of a trie; no variable has it.
const trieKey = ^Key(0)

// A Cell is one binding, or, with trieKey, the header of a trie. It is the head
// of an [Of], whose type only the variable knows.
type Cell struct {
	key  Key
	mark uint32 // see below; accessed atomically once published
	next *Cell  // immutable once published
}

// The mark of a cell.
const (
	depthMask = 1<<4 - 1 // the length of the list that begins with the cell
	policied  = 1 << 4   // it, or a cell behind it, has a variable with a spawn policy
	deep      = 1 << 5   // the list ends in a trie: the cell is part of a Deep
	used      = 1 << 6   // the token of this binding was reset

	// The upper half is a Bloom filter, with one hash function, of the keys
	// in the list. A look-up that it turns away goes straight to the trie.
	filterShift = 16
	filterFold  = 4
)

// maxDepth is how many cells stand in front of the trie. Eight is how deep Sets
// can be nested so that every Reset is a pointer restore; a longer list would
// make the oldest of its bindings dear to find, and keep more dead ones alive.
const maxDepth = 8

// filterBit returns the bit of key in the filter of a mark. Keys next to each other
// have different ones, and keys 16 apart, too.
func filterBit(key Key) uint32 {
	return 1 << filterShift << ((key ^ key>>filterFold) % (32 - filterShift))
}

// Of is a binding to a value of type T.
type Of[T any] struct {
	Cell
	X T
}

// Deep is what a cell is part of if the list that begins with it ends in a trie:
// it is preceded by a pointer to that. C is an [Of] of some type, or the header
// of the trie itself, or begins with one of them.
type Deep[C any] struct {
	// The last one counts: 8 bytes, so that there is no padding between it
	// and C where pointers have 4 and C is aligned to 8.
	base [8 / wordSize]*Cell
	C    C
}

const wordSize = unsafe.Sizeof(uintptr(0))

// Key returns the number of the variable that c binds.
func (c *Cell) Key() Key { return c.key }

// Used reports whether c was given to Use.
func (c *Cell) Used() bool { return atomic.LoadUint32(&c.mark)&used != 0 }

// Use marks c as used. The caller must be in the Context in which c was bound,
// which makes it the only one to write the mark.
func (c *Cell) Use() { release.StoreUint32(&c.mark, atomic.LoadUint32(&c.mark)|used) }

// Before returns the map that c was put in front of. Where c replaced the head
// of that map, it is the map behind that head.
func (c *Cell) Before() *Cell { return c.next }

// IsDeep reports whether the map c has a trie.
func (c *Cell) IsDeep() bool { return c != nil && atomic.LoadUint32(&c.mark)&deep != 0 }

// base returns the place of the pointer, in front of c, to the trie that the list
// ends in which begins with c. c must be deep.
func (c *Cell) base() **Cell {
	return (**Cell)(unsafe.Add(unsafe.Pointer(c), BaseOffset))
}

// IsFull reports whether a binding of key cannot be linked to c before
// Compact has made room. That happens once in maxDepth net calls.
func (c *Cell) IsFull(key Key) bool { return c.IsLong() && c.key != key }

// IsLong reports whether the list that begins with c is as long as lists get.
func (c *Cell) IsLong() bool {
	return c != nil && atomic.LoadUint32(&c.mark)&depthMask == maxDepth
}

// Link makes c, which must not be published yet, the binding of key in front of
// root, which must not be full for key. If root IsDeep, c must be in a [Deep]. It
// returns the cell that c replaced as the head, if that bound the same variable.
// policy says whether the variable has a spawn policy.
func (c *Cell) Link(key Key, policy bool, root *Cell) (replaced *Cell) {
	c.key = key
	c.mark = filterBit(key) + 1
	if policy {
		c.mark |= policied
	}
	if root == nil {
		return nil
	}
	mark := atomic.LoadUint32(&root.mark) &^ used
	if root.key == key {
		c.next = root.next
		c.mark = c.mark&policied | mark
		replaced = root
	} else {
		c.next = root
		c.mark = c.mark&^1 | mark + 1
	}
	if mark&deep != 0 {
		*c.base() = *root.base()
	}
	return replaced
}

// Find returns the cell that binds key in the map c, or nil.
func (c *Cell) Find(key Key) *Cell {
	if c == nil || c.key == key {
		return c
	}
	if c.next == nil {
		return nil
	}
	mark := atomic.LoadUint32(&c.mark)
	switch {
	case mark&filterBit(key) != 0:
		for c = c.next; c != nil; c = c.next {
			if c.key == key {
				return c
			}
			if c.key == trieKey {
				return asTrie(c).find(key)
			}
		}
		return nil
	case mark&deep != 0:
		return asTrie(*c.base()).find(key)
	default:
		return nil
	}
}

// What an assembly version of Find has to know.
const (
	TrieKey     = trieKey
	DeepMark    = deep
	DigitBits   = digitBits
	DigitMask   = digitMask
	KeyOffset   = unsafe.Offsetof(Cell{}.key)
	MarkOffset  = unsafe.Offsetof(Cell{}.mark)
	NextOffset  = unsafe.Offsetof(Cell{}.next)
	BaseOffset  = -int(wordSize)
	ShiftOffset = unsafe.Offsetof(trie{}.shift)
	TopOffset   = unsafe.Offsetof(trie{}.top)
)
