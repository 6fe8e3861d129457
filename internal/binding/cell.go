// Package binding implements Contexts as persistent maps from variables to
// values: a linked list of the newest few bindings, in front of a radix trie
// with the others.
//
//	root ──► Cell ──► Cell ──► … ──► trie ──► node ──► Cell
//	         newest            ≤ 8    ▲    16 ways each
//	           └────── base ──────────┘
//
// From the fourth on, a cell of the list has an index of the cells behind it,
// so that a look-up need not follow the list.
//
// A map is represented by a pointer to its first Cell, the root; nil is the
// empty map. Published cells and nodes never change, except for the used flag
// of a cell, so copying a map means copying the root. A new binding is a new
// Cell at the head of the list, and undoing it restores the pointer to the next
// Cell.
//
// The keys of variables are consecutive numbers, so the cost of an operation
// does not depend on how many variables exist.
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

// A Cell is one binding or, if its key is trieKey, the header of a trie. It is
// the first field of an [Of], whose type only the variable knows.
type Cell struct {
	key  Key
	meta uint32 // flags and filter, see below; accessed atomically once published
	next *Cell  // immutable once published
}

// The meta word of a cell.
const (
	depthMask = 1<<4 - 1         // the length of the list that begins with the cell
	hasPolicy = 1 << 4           // the variable of the cell, or of a cell behind it, has a spawn policy
	hasTrie   = 1 << 5           // the list ends in a trie: the cell is part of a WithTrie
	used      = 1 << 6           // the token of this binding was reset
	landmark  = 1 << landmarkBit // the cell has an index or is the header of a trie

	landmarkBit = 7

	// The rest is a Bloom filter, with one hash function, of the keys in the list.
	// If a key is not in it, the look-up continues in the trie.
	filterShift = 8
	filterBits  = 32 - filterShift
)

// maxDepth is the maximum number of cells in front of the trie. Sets nested up
// to eight deep are undone by restoring a pointer. A longer list would make its
// oldest binding expensive to find, and would keep more replaced ones alive.
const maxDepth = 8

// shapes has two bits for each depth, from the lowest on: FormIndex and
// FormFull in the [Form] of a cell at that depth.
const shapes = 1<<(2*4) | 1<<(2*5) | 1<<(2*6) | 1<<(2*7) | 1<<(2*maxDepth) | 2<<(2*(maxDepth+1))

// filterBit returns the bit of key in the filter of a meta word. Any 24 keys in
// a row have different bits.
func filterBit(key Key) uint32 { return 1 << filterShift << (key % filterBits) }

// An index has the cells between the one that it belongs to and the trie, by
// the lower bits of their keys. If several cells have the same lower bits, it
// has the newest of them; the others are behind that one.
type index [maxDepth]*Cell

// slotOf returns the slot of key in an index.
func slotOf(key Key) Key { return key % Key(len(index{})) }

// A Form says what precedes a cell in memory.
type Form uint32

// The bits of a Form. Every cell in front of a trie is preceded by a pointer to
// it.
const (
	FormTrie  Form = 1 << iota // preceded by a trie: part of a WithTrie
	FormIndex                  // preceded by an index, and a trie or nil: part of a WithIndex
	FormFull                   // not possible: Compact has to make room first, once in maxDepth Sets

	FormPlain Form = 0 // preceded by nothing: an Of
)

// Of is a binding to a value of type T.
type Of[T any] struct {
	Cell
	X T
}

// WithTrie is a cell preceded by a pointer to a trie: the one at the end of the
// list that begins with the cell. C is an [Of] of some type, or the header of
// the trie itself, or begins with one of them.
type WithTrie[C any] struct {
	// Only the last element is used. The array has 8 bytes, so that there is no
	// padding between it and C if pointers have 4 bytes and C is aligned to 8.
	base [8 / wordSize]*Cell
	C    C
}

// WithIndex is a WithTrie preceded by an index.
type WithIndex[C any] struct {
	index index //nolint:unused // see Cell.index
	WithTrie[C]
}

// New returns a new copy, in the given form, of c, which is an [Of] or begins
// with one.
func New[C any](form Form, c C) *C {
	switch form {
	case FormPlain:
		d := new(C) // not &c, which would move c to the heap in the other cases as well
		*d = c
		return d
	case FormTrie:
		return &(&WithTrie[C]{C: c}).C
	default:
		d := new(WithIndex[C])
		d.C = c
		return &d.C
	}
}

const wordSize = unsafe.Sizeof(uintptr(0))

// Key returns the number of the variable that c binds.
func (c *Cell) Key() Key { return c.key }

// Used reports whether c was given to Use.
func (c *Cell) Used() bool { return atomic.LoadUint32(&c.meta)&used != 0 }

// Use marks c as used. The caller must be in the Context in which c was bound,
// so that no other goroutine writes the meta word.
func (c *Cell) Use() { release.StoreUint32(&c.meta, atomic.LoadUint32(&c.meta)|used) }

// Before returns the map that c was put in front of or, if c replaced the head
// of that map, the map behind that head.
func (c *Cell) Before() *Cell { return c.next }

// base returns the address of the word before c, which holds the trie at the
// end of c's list. c must be part of a WithTrie.
func (c *Cell) base() **Cell {
	return (**Cell)(unsafe.Add(unsafe.Pointer(c), BaseOffset))
}

// index returns the index of c, which must be part of a WithIndex.
func (c *Cell) index() *index {
	return (*index)(unsafe.Add(unsafe.Pointer(c), indexOffset))
}

// FormOf returns the form that a cell for key needs in front of c.
func (c *Cell) FormOf(key Key) Form {
	if c == nil {
		return FormPlain
	}
	meta := atomic.LoadUint32(&c.meta)
	depth := meta & depthMask
	if c.key != key {
		depth++
	}
	return Form(meta/hasTrie&1 | shapes>>(2*depth&31)&3<<1)
}

// IsFull reports whether the list that begins with c is full.
func (c *Cell) IsFull() bool {
	return c != nil && atomic.LoadUint32(&c.meta)&depthMask == maxDepth
}

// Link makes c, which must not be published yet, the binding of key in front of
// root. form must be root.FormOf(key), and c must have that form. If the head
// of root also binds key, c replaces it, and Link returns it. policy says
// whether the variable has a spawn policy. If form is FormIndex, MakeIndex must
// follow.
func (c *Cell) Link(key Key, policy bool, root *Cell, form Form) (replaced *Cell) {
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
		c.meta = c.meta&^1 | meta&^landmark + 1
	}
	if form&FormTrie != 0 {
		*c.base() = *root.base()
	}
	return replaced
}

// MakeIndex fills the index of c, which was linked in the form FormIndex. It is
// not part of Link because Link is faster without calls.
func (c *Cell) MakeIndex() {
	c.meta |= landmark
	c.index().add(c.next)
}

// add puts c and the cells behind it, up to the trie, into x, which must be
// empty. A newer cell takes the slot of an older one.
func (x *index) add(c *Cell) {
	switch meta := atomic.LoadUint32(&c.meta); {
	case meta&landmark != 0:
		*x = *c.index()
	case meta&depthMask > 1:
		x.add(c.next)
	}
	x[slotOf(c.key)] = c
}

// Find returns the cell that binds key in the map c, or nil.
func (c *Cell) Find(key Key) *Cell {
	if c == nil || c.key == key {
		return c
	}
	bit := filterBit(key)
	for c.next != nil {
		meta := atomic.LoadUint32(&c.meta)
		if meta&bit != 0 {
			for meta&landmark == 0 {
				if c = c.next; c == nil || c.key == key {
					return c
				}
				meta = atomic.LoadUint32(&c.meta)
			}
			if c.key == trieKey {
				return asTrie(c).find(key)
			}
			if newest := c.index()[slotOf(key)]; newest != nil {
				if newest.key == key {
					return newest
				}
				c = newest
				continue
			}
		}
		if meta&hasTrie == 0 {
			return nil
		}
		return asTrie(*c.base()).find(key)
	}
	return nil
}

// Constants for the assembly version of Find.
const (
	TrieKey     = trieKey
	HasTrieFlag = hasTrie
	Landmark    = landmark
	LandmarkBit = landmarkBit
	DigitBits   = digitBits
	DigitMask   = digitMask
	KeyOffset   = unsafe.Offsetof(Cell{}.key)
	MetaOffset  = unsafe.Offsetof(Cell{}.meta)
	NextOffset  = unsafe.Offsetof(Cell{}.next)
	BaseOffset  = -int(wordSize)
	indexOffset = -int(unsafe.Sizeof(WithIndex[Cell]{}) - unsafe.Sizeof(Cell{}))
	ShiftOffset = unsafe.Offsetof(trie{}.shift)
	TopOffset   = unsafe.Offsetof(trie{}.top)
)
