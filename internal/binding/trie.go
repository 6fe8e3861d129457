package binding

import "unsafe"

// A trie is the part of a map behind the list: a radix trie over keys. Its
// header is a Cell, so that a list can end in it, and its first node a part of
// it. Published tries and nodes are immutable, except for from. The trie is
// part of a WithTrie whose base is the trie itself.
type trie struct {
	Cell         // key is trieKey, next is the trie itself: something is behind
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

// A node holds *Cell where its digit is the last one and *node elsewhere. One
// type for both, and therefore unsafe, because an interface would double the
// node and a Get would pay for the second word.
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

// An edit makes a new trie out of an old one, copying every node that it
// touches once.
type edit struct {
	*trie         // the new one
	fresh []*node // copies made by this edit: they may be written
}

// editOf starts an edit of t, which may be nil for the empty trie.
func editOf(t *trie, buf []*node) *edit {
	d := new(WithTrie[trie])
	if t != nil {
		d.C.len, d.C.shift, d.C.top = t.len, t.shift, t.top
	}
	return &edit{&d.C, buf}
}

// done returns the edited map, the header of the new trie, or nil if it is
// empty. meta tells whether one of its variables has a spawn policy.
func (e *edit) done(meta uint32) *Cell {
	if e.len == 0 {
		return nil
	}
	c := &e.Cell
	c.key, c.meta = trieKey, hasTrie|landmark|meta&hasPolicy
	*c.base(), c.next = c, c
	return c
}

// own returns n, or a copy of it, that this edit may write.
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

// drop unbinds key, which must be bound. Nodes that become empty go with it.
func (e *edit) drop(key Key) {
	e.prune(&e.top, e.shift, key)
	e.len--
}

// prune unbinds key below n, which this edit may write, and reports whether
// that leaves n empty.
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
