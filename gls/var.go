package gls

import (
	"strconv"
	"unsafe"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/hook"
	"github.com/seed18162548/contextvars/internal/registry"
)

// A Var is a variable whose value belongs to the current [Context]: every
// goroutine has its own, and goroutines started by package spawn inherit a
// copy. Create variables with [New], at package level. The methods of a Var may
// be called from any goroutine.
//
// In Python: contextvars.ContextVar.
type Var[T any] struct {
	// All fields are immutable after New.

	getQuery    binding.Query // the query of Get, which falls back to the default
	lookupQuery binding.Query // the query of Lookup, which ignores the default
	name        string
	fallback    binding.Of[T] // the default, or the zero value
	hasDefault  bool          // Default or DefaultFunc was given
	compute     func() T      // DefaultFunc
	hasPolicy   bool          // NoInherit or OnFork
	private     bool          // NoInherit
	fork        func(T) T     // OnFork
	reflexive   bool          // x == x for every x of type T: bindings carry no ID
}

// AnyVar is the interface of all *Var[T]. No other type implements it.
type AnyVar interface {
	// Name returns the name that was given to [New].
	Name() string
	// String returns a description that contains neither the default nor a value.
	String() string

	number() binding.Key
	isPrivate() bool
	valueOf(c *binding.Cell) any
	sameBinding(a, b *binding.Cell) bool
	misuseOf(c change, outcome current.Outcome) error
}

// New returns a new variable. Its identity is the pointer: two variables of the
// same name are different. The library keeps every variable for the life of the
// process, so call New in package-level declarations:
//
//	var requestID = gls.New[string]("request_id")
//
// The name is for error messages, logs and debugging pages. In Python:
// ContextVar(name, default=…).
func New[T any](name string, opts ...Option[T]) *Var[T] {
	v := &Var[T]{name: name, reflexive: isReflexive[T]()}
	for _, opt := range opts {
		if opt.apply != nil {
			opt.apply(v)
		}
	}
	entry := &binding.Variable{Owner: v, Clone: v.clone}
	v.hasPolicy = v.private || v.fork != nil
	if v.hasPolicy {
		entry.Fork = v.inherit
	}
	v.prepare(binding.Register(entry))
	return v
}

// unbound stands for the absence of a binding.
var unbound = new(binding.Cell)

// prepare makes the queries of v, whose key is key.
func (v *Var[T]) prepare(key binding.Key) {
	value := binding.NewQuery(key, &v.fallback.Cell)
	if v.compute != nil {
		value.Default, value.Compute = nil, func(x unsafe.Pointer) *binding.Cell {
			*(*T)(x) = v.compute()
			return nil
		}
	}
	v.getQuery = registry.Prepare(value)
	v.lookupQuery = registry.Prepare(binding.NewQuery(key, unbound))
}

// Name returns the name that was given to [New], as ContextVar.name does.
func (v *Var[T]) Name() string { return v.name }

// String returns a description that contains the name. It never contains the
// default or a value, either of which may be secret.
func (v *Var[T]) String() string { return "gls.Var(" + strconv.Quote(v.name) + ")" }

// GoString is like [Var.String], so that %#v prints no secrets either.
func (v *Var[T]) GoString() string { return v.String() }

// find returns the binding of v in the current Context, or nil.
func (v *Var[T]) find() *binding.Of[T] {
	c := registry.Find(&v.lookupQuery, nil)
	if registry.Checking {
		registry.CheckFind(&v.lookupQuery, c)
	}
	if c != unbound {
		return v.of(c)
	}
	return nil
}

// of returns the binding whose head is c. c must have been found under v's key:
// only v links cells under that key, so all of them are of its type.
func (v *Var[T]) of(c *binding.Cell) *binding.Of[T] {
	return (*binding.Of[T])(unsafe.Pointer(c))
}

// Get returns the value of v in the current Context: the one it is bound to or,
// if it is unbound, the default, or the zero value if it has no default. Get
// takes no lock and creates no state, and it neither panics nor allocates
// unless a [DefaultFunc] does, except that values of more than 128 KiB, which
// are too large for a stack frame, are returned by way of the heap. In Python:
// ContextVar.get().
//
// Get is inlined; one more call in it would prevent that. Find stores the
// result of a DefaultFunc in x.
func (v *Var[T]) Get() T {
	var x T
	c := registry.Find(&v.getQuery, unsafe.Pointer(&x))
	if registry.Checking {
		registry.CheckFind(&v.getQuery, c)
	}
	if c != nil {
		return (*binding.Of[T])(unsafe.Pointer(c)).X
	}
	return x
}

// GetOr returns the value that v is bound to in the current Context, or d if v
// is unbound, even if v has a default. A variable that was set to zero or nil
// is bound. GetOr costs the same as [Var.Get]. In Python: ContextVar.get(d).
func (v *Var[T]) GetOr(d T) T {
	if b := v.find(); b != nil {
		return b.X
	}
	return d
}

// Lookup returns the value that v is bound to in the current Context and
// reports whether v is bound. It ignores the default: if v is unbound, x is the
// zero value. Lookup costs the same as [Var.Get].
func (v *Var[T]) Lookup() (x T, ok bool) {
	if b := v.find(); b != nil {
		return b.X, true
	}
	return x, false
}

// MustGet is like [Var.Get] but panics with a *[LookupError], which wraps
// [ErrUnset], if v is unbound and has no default. In Python: ContextVar.get(),
// which raises LookupError.
func (v *Var[T]) MustGet() T {
	if b := v.find(); b != nil {
		return b.X
	}
	if !v.hasDefault {
		panic(&LookupError{Var: v, id: goroutine.ID()})
	}
	if v.compute != nil {
		return v.compute()
	}
	return v.fallback.X
}

// Set binds v to x in the current Context and returns a token that undoes this.
// In a goroutine that is in no Context, it creates the goroutine's implicit
// base Context. Set panics only if v was not made by [New]. In a Context that
// has bindings it costs one allocation, which holds x. Of Sets of more than
// eight variables one in eight costs some 20. The first binding of a goroutine
// also takes the lock of one shard. In Python: ContextVar.set.
//
// The idiom for a binding that lasts until the function returns is
//
//	defer v.Set(x).Reset()
func (v *Var[T]) Set(x T) Token[T] {
	if v.getQuery.Key == 0 {
		panic(called(errNoVar, "Set"))
	}
	at := current.Open(v.getQuery.Key)
	b := v.bind(x, at.Form)
	replaced, in, by := at.Put(&b.Cell, v.getQuery.Key, v.hasPolicy)
	return Token[T]{b, replaced, in, by}
}

// With binds v to x, calls f, and restores what v was bound to before, even if
// f sets v, panics or calls [runtime.Goexit]. With panics with [ErrNilFunc] if
// f is nil. In Python: "with var.set(x):".
func (v *Var[T]) With(x T, f func()) {
	hook.MustFunc("Var.With", f == nil)
	defer v.Set(x).Reset()
	f()
}

// In returns the value that v is bound to in c and reports whether there is
// one. It may be called from any goroutine, even while another one runs in c.
// In Python: ctx.get(var), var in ctx.
func (v *Var[T]) In(c *Context) (x T, ok bool) {
	if b := v.of(c.root().Find(v.getQuery.Key)); b != nil {
		return b.X, true
	}
	return x, false
}

// clone implements binding.Variable.
func (v *Var[T]) clone(c *binding.Cell, form binding.Form) *binding.Cell {
	b := v.of(c)
	var id uint64
	if !v.reflexive {
		id = v.bindingID(b)
	}
	return &v.newBinding(b.X, id, form).Cell
}

// inherit implements binding.Variable: it returns what a spawned goroutine
// inherits of c, or nil. v must have a policy.
func (v *Var[T]) inherit(c *binding.Cell) *binding.Cell {
	if v.private {
		return nil
	}
	return &v.bind(v.fork(v.of(c).X), binding.FormPlain).Cell
}

func (v *Var[T]) number() binding.Key { return v.getQuery.Key }

func (v *Var[T]) isPrivate() bool { return v.private }

func (v *Var[T]) valueOf(c *binding.Cell) any { return v.of(c).X }
