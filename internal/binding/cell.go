// Package binding holds the persistent map from variables to values that every
// Context is: a few newest bindings in a linked list, in front of a radix trie
// that has the rest.
//
//	root ──► Cell ──► Cell ──► … ──► trie ──► node ──► Cell
//	         newest            ≤ 8    ▲    16 ways each
//	           └────── base ──────────┘
//
// A map is named by its first Cell, its root; nil is the empty map, and the
// only form of it. Published cells and nodes never change, except for the used
// flag of a cell, so a copy is a copy of the root. A new binding is one Cell in
// front; taking it away again is going back to the Cell behind it.
//
// Variables are numbered densely when they are registered, so that neither a
// look-up nor a copy depends on how many exist.
package binding

import (
	"sync/atomic"
	"unsafe"

	"github.com/seed18162548/contextvars/internal/observe"
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
	meta uint32 // flags and filter, see below; accessed atomically once published
	next *Cell  // immutable once published
}

// The meta word of a cell.
const (
	depthMask = 1<<4 - 1 // the length of the list that begins with the cell
	hasPolicy = 1 << 4   // it, or a cell behind it, has a variable with a spawn policy
	hasTrie   = 1 << 5   // the list ends in a trie: the cell is part of a WithTrie
	used      = 1 << 6   // the token of this binding was reset

	// The upper half is a Bloom filter, with one hash function, of the keys
	// in the list. A look-up that it turns away goes straight to the trie.
	filterShift = 16
	filterFold  = 4
)

// maxDepth is how many cells stand in front of the trie. Sets nested up to
// eight deep are undone by restoring a pointer. A longer list would make its
// oldest binding expensive to find, and would keep more dead ones alive.
const maxDepth = 8

// filterBit returns the bit of key in the filter of a meta word. Keys that are
// 1 or 16 apart have different bits.
func filterBit(key Key) uint32 {
	return 1 << filterShift << ((key ^ key>>filterFold) % (32 - filterShift))
}

// Of is a binding to a value of type T.
type Of[T any] struct {
	Cell
	X T
}

// WithTrie is a cell preceded by a pointer to a trie: the one at the end of the
// list that begins with the cell. C is an [Of] of some type, or the header of
// the trie itself, or begins with one of them.
type WithTrie[C any] struct {
	// The last one counts: 8 bytes, so that there is no padding between it
	// and C where pointers have 4 and C is aligned to 8.
	base [8 / wordSize]*Cell
	C    C
}

const wordSize = unsafe.Sizeof(uintptr(0))

// Key returns the number of the variable that c binds.
func (c *Cell) Key() Key { return c.key }

// Used reports whether c was given to Use.
func (c *Cell) Used() bool { return atomic.LoadUint32(&c.meta)&used != 0 }

// Use marks c as used. The caller must be in the Context in which c was bound,
// so that no other goroutine writes the meta word.
func (c *Cell) Use() { release.StoreUint32(&c.meta, atomic.LoadUint32(&c.meta)|used) }

// Before returns the map that c was put in front of. Where c replaced the head
// of that map, it is the map behind that head.
func (c *Cell) Before() *Cell { return c.next }

// HasTrie reports whether the map c has a trie.
func (c *Cell) HasTrie() bool { return c != nil && atomic.LoadUint32(&c.meta)&hasTrie != 0 }

// base returns the address of the word before c, which holds the trie at the
// end of c's list. c must be part of a WithTrie.
func (c *Cell) base() **Cell {
	return (**Cell)(unsafe.Add(unsafe.Pointer(c), BaseOffset))
}

// IsFull reports whether Compact has to make room before a binding of key can
// be linked to c: once in maxDepth Sets without a Reset.
func (c *Cell) IsFull(key Key) bool { return c.IsLong() && c.key != key }

// IsLong reports whether the list that begins with c is full.
func (c *Cell) IsLong() bool {
	return c != nil && atomic.LoadUint32(&c.meta)&depthMask == maxDepth
}

// Link makes c, which must not be published yet, the binding of key in front of
// root, which must not be full for key. If root has a trie, c must be part of a
// [WithTrie]. If the head of root binds key too, c takes its place, and Link
// returns it. policy reports whether the variable has a spawn policy.
func (c *Cell) Link(key Key, policy bool, root *Cell) (replaced *Cell) {
	observe.Bound(uint32(key))
	c.key = key
	c.meta = filterBit(key) + 1
	if policy {
		c.meta |= hasPolicy
	}
	if root == nil {
		return nil
	}
	meta := atomic.LoadUint32(&root.meta) &^ used
	if root.key == key {
		c.next = root.next
		c.meta = c.meta&hasPolicy | meta
		replaced = root
	} else {
		c.next = root
		c.meta = c.meta&^1 | meta + 1
	}
	if meta&hasTrie != 0 {
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
	meta := atomic.LoadUint32(&c.meta)
	switch {
	case meta&filterBit(key) != 0:
		for c = c.next; c != nil; c = c.next {
			if c.key == key {
				return c
			}
			if c.key == trieKey {
				return asTrie(c).find(key)
			}
		}
		return nil
	case meta&hasTrie != 0:
		return asTrie(*c.base()).find(key)
	default:
		return nil
	}
}

// What an assembly version of Find has to know.
const (
	TrieKey     = trieKey
	HasTrieFlag = hasTrie
	DigitBits   = digitBits
	DigitMask   = digitMask
	KeyOffset   = unsafe.Offsetof(Cell{}.key)
	MetaOffset  = unsafe.Offsetof(Cell{}.meta)
	NextOffset  = unsafe.Offsetof(Cell{}.next)
	BaseOffset  = -int(wordSize)
	ShiftOffset = unsafe.Offsetof(trie{}.shift)
	TopOffset   = unsafe.Offsetof(trie{}.top)
)
