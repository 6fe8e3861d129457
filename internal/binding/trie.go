package binding

import "unsafe"

// A trie is the part of a map behind the list: a radix trie over keys. Its
// header is a Cell, so that a list can end in it, and its first node is part of
// it. Published tries and nodes are immutable, except for from. The trie is
// part of a WithTrie whose base is the trie itself.
type trie struct {
	Cell         // key is trieKey, and next is the trie itself, because it is not nil
	len   int    // number of bindings, at least 1
	shift uint64 // position of the digit that indexes top
	from  precursor
	top   node
}

const (
	digitBits = 4
	fanOut    = 1 << digitBits
	digitMask = fanOut - 1
)

// A node has elements of type *Cell if its digit is the last one, and *node
// otherwise. They share an unsafe type because interfaces would double the size
// of a node and cost a Get a second load.
type node struct {
	slots [fanOut]unsafe.Pointer
}

// asTrie returns the trie whose header c is. c.key must be trieKey.
func asTrie(c *Cell) *trie { return (*trie)(unsafe.Pointer(c)) }

// reaches reports whether key has no digit above the trie's first.
func (t *trie) reaches(key Key) bool { return key>>t.shift < fanOut }

func (t *trie) find(key Key) *Cell {
	if !t.reaches(key) {
		return nil
	}
	n := &t.top
	for shift := t.shift; shift > 0; shift -= digitBits {
		n = (*node)(n.slots[key>>(shift&31)&digitMask])
		if n == nil {
			return nil
		}
	}
	return (*Cell)(n.slots[key&digitMask])
}

// each calls f for every binding below n, by increasing key.
func (n *node) each(shift uint64, f func(*Cell)) {
	for _, slot := range n.slots {
		switch {
		case slot == nil:
		case shift == 0:
			f((*Cell)(slot))
		default:
			(*node)(slot).each(shift-digitBits, f)
		}
	}
}

// An edit makes a new trie from an old one. It copies every node that it
// modifies once.
type edit struct {
	*trie         // the new one
	fresh []*node // copies made by this edit, which it may modify
}

// editOf starts an edit of t. A nil t is the empty trie.
func editOf(t *trie, buf []*node) *edit {
	d := new(WithTrie[trie])
	if t != nil {
		d.C.len, d.C.shift, d.C.top = t.len, t.shift, t.top
	}
	return &edit{&d.C, buf}
}

// done returns the edited map: the header of the new trie, or nil if that is
// empty. meta says whether one of its variables has a spawn policy.
func (e *edit) done(meta uint32) *Cell {
	if e.len == 0 {
		return nil
	}
	c := &e.Cell
	c.key, c.meta = trieKey, hasTrie|landmark|meta&hasPolicy
	*c.base(), c.next = c, c
	return c
}

// own returns n, or a copy of n, that this edit may modify.
func (e *edit) own(n *node) *node {
	for _, f := range e.fresh {
		if f == n {
			return n
		}
	}
	c := new(node)
	if n != nil {
		*c = *n
	}
	e.fresh = append(e.fresh, c)
	return c
}

// put binds c's key to c.
func (e *edit) put(key Key, c *Cell) {
	for !e.reaches(key) {
		if e.len > 0 {
			below := e.own(nil)
			*below = e.top
			e.top = node{}
			e.top.slots[0] = unsafe.Pointer(below)
		}
		e.shift += digitBits
	}
	n := &e.top
	for shift := e.shift; shift > 0; shift -= digitBits {
		slot := &n.slots[key>>shift&digitMask]
		n = e.own((*node)(*slot))
		*slot = unsafe.Pointer(n)
	}
	slot := &n.slots[key&digitMask]
	if *slot == nil {
		e.len++
	}
	*slot = unsafe.Pointer(c)
}

// drop unbinds key, which must be bound, and removes nodes that become empty.
func (e *edit) drop(key Key) {
	e.prune(&e.top, e.shift, key)
	e.len--
}

// prune unbinds key below n, which this edit may modify, and reports whether n
// is then empty.
func (e *edit) prune(n *node, shift uint64, key Key) bool {
	slot := &n.slots[key>>shift&digitMask]
	var below *node
	if shift > 0 {
		below = e.own((*node)(*slot))
		if e.prune(below, shift-digitBits, key) {
			below = nil
		}
	}
	*slot = unsafe.Pointer(below)
	return *n == (node{})
}
