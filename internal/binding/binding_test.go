package binding

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// These tests are in the package itself, because they check tries and flags.

// ints has variables of integers.
var ints = func() (keys [400]Key) {
	for i := range keys {
		v := &Variable{}
		v.Clone = func(c *Cell, form Form) *Cell { return newInt(valueOf(c), form) }
		if i%50 == 7 {
			v.Fork = func(c *Cell) *Cell { return newInt(-valueOf(c), FormPlain) }
		}
		keys[i] = Register(v)
	}
	return keys
}()

// values has the values of the cells of ints. Tests run one after the other.
var values = map[*Cell]int{}

func newInt(x int, form Form) *Cell {
	c := &New(form, Of[int]{}).Cell
	values[c] = x
	return c
}

func valueOf(c *Cell) int { return values[c] }

// bind does what a Set does.
func bind(root *Cell, key Key, x int) *Cell {
	form := root.FormOf(key)
	if form&FormFull != 0 {
		root = Compact(root)
		form = root.FormOf(key)
	}
	c := newInt(x, form)
	c.Link(key, VariableOf(key).Fork != nil, root, form)
	if form&FormIndex != 0 {
		c.MakeIndex()
	}
	return c
}

type fataler interface {
	Fatalf(format string, args ...any)
}

// check compares the map root with a plain map in every possible way.
func check(t fataler, root *Cell, want map[Key]int) {
	if got := Len(root); got != len(want) {
		t.Fatalf("Len is %d, want %d", got, len(want))
	}
	for _, key := range ints {
		x, bound := want[key]
		if c := root.Find(key); (c != nil) != bound || bound && valueOf(c) != x {
			t.Fatalf("key %d: found %v, want %d, %t", key, c, x, bound)
		}
	}
	cells := Cells(root)
	if len(cells) != len(want) {
		t.Fatalf("%d Cells, want %d", len(cells), len(want))
	}
	for i, c := range cells {
		if i > 0 && cells[i-1].Key() >= c.Key() {
			t.Fatalf("Cells are not in order")
		}
		if x, ok := want[c.Key()]; !ok || x != valueOf(c) {
			t.Fatalf("Cells: key %d is %d, want %d, %t", c.Key(), valueOf(c), x, ok)
		}
	}
	checkList(t, root)
}

// checkList tests the rules of the list in front of the trie.
func checkList(t fataler, root *Cell) {
	list, n, base := split(root)
	for i, c := range list[:n] {
		if int(c.meta&depthMask) != n-i {
			t.Fatalf("cell %d of %d has depth %d", i, n, c.meta&depthMask)
		}
		if (c.meta&hasTrie != 0) != (base != nil) || base != nil && asTrie(*c.base()) != base {
			t.Fatalf("cell %d does not know its trie", i)
		}
		if (c.meta&landmark != 0) != (shapes>>(2*(n-i))&1 != 0) {
			t.Fatalf("cell %d of %d: its meta word is %x", i, n, c.meta)
		}
		if c.meta&landmark != 0 {
			checkIndex(t, c, list[i+1:n])
		}
		for _, d := range list[i:n] {
			if c.meta&filterBit(d.key) == 0 {
				t.Fatalf("the filter of cell %d turns key %d away", i, d.key)
			}
			if VariableOf(d.key).Fork != nil && c.meta&hasPolicy == 0 {
				t.Fatalf("cell %d hides a variable with a policy", i)
			}
		}
	}
	if base == nil {
		return
	}
	size := 0
	base.top.each(base.shift, func(c *Cell) {
		size++
		if c.next != nil {
			t.Fatalf("a cell in the trie holds another one")
		}
		if VariableOf(c.key).Fork != nil && root.meta&hasPolicy == 0 {
			t.Fatalf("a variable in the trie has a policy that the root hides")
		}
	})
	if size != base.len || size == 0 {
		t.Fatalf("the trie has %d bindings, counts %d", size, base.len)
	}
}

// checkIndex tests that the index of c has the newest of the cells behind it in
// each slot.
func checkIndex(t fataler, c *Cell, behind []*Cell) {
	var want index
	for i := len(behind) - 1; i >= 0; i-- {
		want[slotOf(behind[i].key)] = behind[i]
	}
	if *c.index() != want {
		t.Fatalf("the index is %v, want %v", *c.index(), want)
	}
}

func clonePlain(m map[Key]int) map[Key]int {
	c := make(map[Key]int, len(m))
	for k, x := range m {
		c[k] = x
	}
	return c
}

// TestMapAgainstPlainMap does random operations of Contexts. Every version
// stays unchanged, whatever is derived from it afterwards.
func TestMapAgainstPlainMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type version struct {
			root *Cell
			want map[Key]int
		}
		keys := ints[:rapid.SampledFrom([]int{1, 2, 3, 8, 9, 10, 17, 40, 400}).Draw(t, "keys")]
		key := func() Key { return rapid.SampledFrom(keys).Draw(t, "key") }
		all := []version{{nil, map[Key]int{}}}
		for n := rapid.IntRange(1, 120).Draw(t, "steps"); n > 0; n-- {
			v := all[len(all)-1]
			if rapid.IntRange(0, 9).Draw(t, "back") == 0 {
				v = rapid.SampledFrom(all).Draw(t, "version")
			}
			next := version{v.root, clonePlain(v.want)}
			switch k := key(); rapid.IntRange(0, 6).Draw(t, "what") {
			case 0:
				next.root = Without(v.root, k)
				delete(next.want, k)
			case 1:
				old := rapid.SampledFrom(all).Draw(t, "old").root.Find(k)
				next.root = Restore(v.root, k, old)
				if delete(next.want, k); old != nil {
					next.want[k] = valueOf(old)
				}
			case 2:
				next.root = Fork(v.root)
				for k, x := range next.want {
					if VariableOf(k).Fork != nil {
						next.want[k] = -x
					}
				}
			default:
				next.root = bind(v.root, k, n)
				next.want[k] = n
			}
			check(t, next.root, next.want)
			all = append(all, next)
		}
		for _, v := range all {
			check(t, v.root, v.want)
		}
	})
}

// TestTrieOfAnyKeys uses keys that are larger than the number of variables of
// any process.
func TestTrieOfAnyKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type version struct {
			t    *trie
			want map[Key]*Cell
		}
		v := version{nil, map[Key]*Cell{}}
		var all []version
		key := rapid.OneOf(
			rapid.Uint32Range(0, 40), rapid.Uint32Range(250, 260), rapid.Uint32(),
			rapid.SampledFrom([]uint32{15, 16, 1 << 28, 1<<28 - 1, 1<<32 - 2}),
		)
		for n := rapid.IntRange(1, 60).Draw(t, "steps"); n > 0; n-- {
			k := Key(key.Draw(t, "key"))
			if k == trieKey {
				continue
			}
			next := version{want: make(map[Key]*Cell, len(v.want))}
			for key, c := range v.want {
				next.want[key] = c
			}
			var buf [maxDepth]*node
			e := editOf(v.t, buf[:0])
			if _, bound := v.want[k]; bound && rapid.Bool().Draw(t, "drop") {
				e.drop(k)
				delete(next.want, k)
			} else {
				c := &Cell{key: k}
				e.put(k, c)
				next.want[k] = c
			}
			if c := e.done(0); c != nil {
				next.t = asTrie(c)
			}
			v = next
			all = append(all, v)
		}
		for _, v := range all {
			if v.t == nil {
				require.Empty(t, v.want)
				continue
			}
			require.Equal(t, len(v.want), v.t.size())
			for k, c := range v.want {
				require.Same(t, c, v.t.find(k))
			}
			for _, k := range []Key{0, 7, 15, 16, 255, 256, 1 << 28, 1<<32 - 2} {
				require.Equal(t, v.want[k], v.t.find(k))
			}
			last, n := Key(0), 0
			v.t.top.each(v.t.shift, func(c *Cell) {
				require.True(t, n == 0 || c.key > last)
				last = c.key
				n++
			})
			require.Len(t, v.want, n)
		}
	})
}

// TestUsedMark checks that only the used cell itself is marked, not a copy or a
// cell that replaced it.
func TestUsedMark(t *testing.T) {
	root := bind(nil, ints[0], 1)
	first := root
	first.Use()
	require.True(t, first.Used())
	for _, root := range []*Cell{bind(root, ints[0], 2), bind(root, ints[1], 2), Restore(nil, ints[0], first)} {
		require.False(t, root.Used())
	}
}
