package binding

import (
	"sort"
	"sync/atomic"
)

// split returns the cells in front of the trie, newest first, and the trie.
func split(root *Cell) (list [maxDepth]*Cell, n int, t *trie) {
	c := root
	for ; c != nil && c.key != trieKey; c = c.next {
		list[n] = c
		n++
	}
	if c != nil {
		t = asTrie(c)
	}
	return list, n, t
}

// shadowed reports whether a newer cell than list[i] binds the same variable.
func shadowed(list []*Cell, i int) bool {
	for _, c := range list[:i] {
		if c.key == list[i].key {
			return true
		}
	}
	return false
}

// unlinked returns c, or a copy of c, that points to no other cell. A cell in a
// trie must not point to others: it would keep alive the map that it was put in
// front of, and through that all earlier maps.
func unlinked(c *Cell) *Cell {
	if c.next == nil {
		return c
	}
	d := VariableOf(c.key).Clone(c, FormPlain)
	d.key = c.key
	return d
}

// relink returns the map root with key bound by a copy of the cell c in front.
func relink(key Key, c, root *Cell) *Cell {
	v := VariableOf(key)
	form := root.FormOf(key)
	if form&FormFull != 0 {
		root = Compact(root)
		form = root.FormOf(key)
	}
	d := v.Clone(c, form)
	d.Link(key, v.Fork != nil, root, form)
	if form&FormIndex != 0 {
		d.MakeIndex()
	}
	return d
}

// Compact returns a map with the bindings of root, all of them in the trie. It
// costs one allocation for each cell of the list and each modified node. The
// list must not be empty.
func Compact(root *Cell) *Cell {
	list, n, t := split(root)
	var buf [2 * maxDepth]*node
	e := editOf(t, buf[:0])
	for i := 0; i < n; i++ {
		if c := list[i]; !shadowed(list[:n], i) {
			e.put(c.key, unlinked(c))
		}
	}
	c := e.done(atomic.LoadUint32(&root.meta))
	asTrie(c).from.set(root)
	if t != nil {
		t.from.forget()
	}
	return c
}

// IsCompactOf reports whether the map c is the result of Compact for list, with
// nothing added since.
func (c *Cell) IsCompactOf(list *Cell) bool {
	return c != nil && c.key == trieKey && asTrie(c).from.is(list)
}

// Without returns the map root without a binding of key. It copies the cells in
// front of the removed one, and the path to it in the trie.
func Without(root *Cell, key Key) *Cell {
	list, n, t := split(root)
	var rest *Cell
	if t != nil {
		rest = &t.Cell
		if t.find(key) != nil {
			var buf [maxDepth]*node
			e := editOf(t, buf[:0])
			e.drop(key)
			rest = e.done(t.meta)
		}
	}
	for i := n - 1; i >= 0; i-- {
		switch c := list[i]; {
		case c.key == key:
		case c.next == rest:
			rest = c // nothing behind it has changed
		default:
			rest = relink(c.key, c, rest)
		}
	}
	return rest
}

// Restore returns the map root with key bound as in old, or unbound if old is
// nil. The binding keeps old's identity.
func Restore(root *Cell, key Key, old *Cell) *Cell {
	root = Without(root, key)
	if old == nil {
		return root
	}
	return relink(key, old, root)
}

// Cells returns the bindings of the map root by increasing key.
func Cells(root *Cell) []*Cell {
	list, n, t := split(root)
	cells := make([]*Cell, 0, n+t.size())
	for i := 0; i < n; i++ {
		if !shadowed(list[:n], i) {
			cells = append(cells, list[i])
		}
	}
	newest := len(cells)
	if t != nil {
		t.top.each(t.shift, func(c *Cell) {
			for _, l := range cells[:newest] {
				if l.key == c.key {
					return
				}
			}
			cells = append(cells, c)
		})
	}
	sort.Slice(cells, func(i, j int) bool { return cells[i].key < cells[j].key })
	return cells
}

// Len returns the number of bindings in the map root, without allocating.
func Len(root *Cell) int {
	list, n, t := split(root)
	size := t.size()
	for i := 0; i < n; i++ {
		if !shadowed(list[:n], i) && (t == nil || t.find(list[i].key) == nil) {
			size++
		}
	}
	return size
}

func (t *trie) size() int {
	if t == nil {
		return 0
	}
	return t.len
}

// Fork returns the bindings that a spawned goroutine inherits from the map
// root. That is root itself unless it has variables with spawn policies. Fork
// applies these in the order in which the variables were made, and may run user
// code.
func Fork(root *Cell) *Cell {
	if root == nil || atomic.LoadUint32(&root.meta)&hasPolicy == 0 {
		return root
	}
	forked := root
	for _, c := range Cells(root) {
		v := VariableOf(c.key)
		if v.Fork == nil {
			continue
		}
		forked = Without(forked, c.key)
		if heir := v.Fork(c); heir != nil {
			forked = relink(c.key, heir, forked)
		}
	}
	return forked
}
