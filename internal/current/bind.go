package current

import (
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/registry"
)

// An Insertion is where the calling goroutine is about to bind a variable: its
// current Scope, and the map there with room for the binding.
type Insertion struct {
	scope *registry.Scope
	root  *binding.Cell

	// Form is the form that the cell passed to Put must have.
	Form binding.Form
}

// Open returns the Insertion for a binding of key. It makes an entry for the
// calling goroutine if there is none.
func Open(key binding.Key) Insertion {
	s := registry.TryLookup()
	if registry.Checking {
		registry.CheckLookup(s)
	}
	switch {
	case s != nil:
	case registry.Exact:
		s = registry.Insert(goroutine.Self())
	default:
		s = registry.LookupOrInsert()
	}
	sc := s.Current()
	root := sc.Root()
	form := root.FormOf(key)
	if form&binding.FormFull != 0 {
		root = binding.Compact(root)
		form = root.FormOf(key)
	}
	return Insertion{sc, root, form}
}

// Put binds key to the new cell c. The Scope must not have changed since Open.
// Put returns what Undo needs: the cell that c replaced; the Context, or nil
// for a base; and the ID of the goroutine that the base belongs to or that is
// in the Context.
func (at Insertion) Put(c *binding.Cell, key binding.Key, policy bool) (replaced *binding.Cell, in *registry.Scope, by int64) {
	by, base := at.scope.Owner()
	if !base {
		if b := at.scope.Borrowed(); b != nil {
			return at.putBorrowed(b, c, key, policy)
		}
		in = at.scope
	}
	replaced = c.Link(key, policy, at.root, at.Form)
	if at.Form&binding.FormIndex != 0 {
		c.MakeIndex()
	}
	at.scope.SetRoot(c)
	return replaced, in, by
}

// putBorrowed is like Put for a current Scope that is borrowed.
func (at Insertion) putBorrowed(b *registry.Borrowed, c *binding.Cell, key binding.Key, policy bool) (replaced *binding.Cell, in *registry.Scope, by int64) {
	if mu := b.Lock(); mu != nil {
		defer mu.Unlock()
	}
	if b.Root() == nil {
		// The loan has ended since Open, and its bindings are gone.
		at.root, at.Form = nil, binding.FormPlain
	}
	replaced = c.Link(key, policy, at.root, at.Form)
	if at.Form&binding.FormIndex != 0 {
		c.MakeIndex()
	}
	b.SetRoot(c)
	in, by = b.Identity()
	return replaced, in, by
}

// An Outcome is the result of Undo.
type Outcome int

// The outcomes of Undo. All except Done leave everything unchanged.
const (
	Done Outcome = iota
	NothingSet
	UsedBefore
	OtherVariable
	OtherContext
)

// Undo restores the binding of key to what it was before the call of Put for
// set that returned the other arguments. It checks in the order of the
// Outcomes.
func Undo(key binding.Key, set, replaced *binding.Cell, in *registry.Scope, by int64) Outcome {
	switch {
	case set == nil:
		return NothingSet
	case set.Used():
		return UsedBefore
	case set.Key() != key:
		return OtherVariable
	}
	s := registry.TryLookup()
	if s == nil {
		s = registry.Lookup()
	}
	if s == nil {
		return undoAbsent(set, replaced, in, by)
	}
	sc := s.Current()
	if in != nil || !sc.IsBaseOf(by) {
		if b := sc.Borrowed(); b != nil {
			return undoBorrowed(b, set, replaced, in, by)
		}
		if in != sc {
			return OtherContext
		}
	}
	set.Use()
	root := undone(sc.Root(), set, replaced)
	sc.SetRoot(root)
	if root == nil && s.Idle() {
		s.Remove()
	}
	return Done
}

// undone returns the map root with the variable of set bound as it was before
// the call of Put for set.
func undone(root, set, replaced *binding.Cell) *binding.Cell {
	switch {
	case root != set && !root.IsCompactOf(set):
		return binding.Restore(root, set.Key(), Before(set, replaced))
	case replaced != nil:
		return replaced
	default:
		return set.Before()
	}
}

// undoBorrowed is like Undo for a current Scope that is borrowed.
func undoBorrowed(b *registry.Borrowed, set, replaced *binding.Cell, in *registry.Scope, by int64) Outcome {
	if mu := b.Lock(); mu != nil {
		defer mu.Unlock()
	}
	if context, owner := b.Identity(); in != context || in == nil && by != owner {
		return OtherContext
	}
	set.Use()
	b.SetRoot(undone(b.Root(), set, replaced))
	return Done
}

// undoAbsent is like Undo for a goroutine without an entry, which is in its
// base Context, and that is empty.
func undoAbsent(set, replaced *binding.Cell, in *registry.Scope, by int64) Outcome {
	if in != nil || by != goroutine.ID() {
		return OtherContext
	}
	set.Use()
	if old := Before(set, replaced); old != nil {
		registry.LookupOrInsert().SetRoot(binding.Restore(nil, set.Key(), old))
	}
	return Done
}

// Before returns the binding that the variable of set had before the call of
// Put for set, or nil.
func Before(set, replaced *binding.Cell) *binding.Cell {
	if replaced != nil {
		return replaced
	}
	return set.Before().Find(set.Key())
}
