package gls_test

import (
	"errors"
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// A program is a sequence of bytes: an operation and its operands, operations
// with a body up to the matching opEnd. Every sequence is a valid program.
const (
	opEnd = iota // ends a body, by panic for some
	opSet
	opReset
	opResetLast
	opSetMany
	opUnset
	opCopy
	opCopyOf
	opNew
	opEqual
	opRelease
	opRun
	opEnter
	opWith
	opWrap
	opSpawn
	opSpawnIn
	opGo
	opDetach
	ops
)

const (
	modelVars  = 340 // the first few are set one by one, all by opSetMany
	modelFew   = 12
	modelSlots = 4
	modelDepth = 6

	modelLongest = 1000
)

var (
	modelVariables = numbered(modelVars)
	// modelFork is the only one with a policy: children have its value plus one.
	modelFork    = gls.New("fork", gls.OnFork(func(x int) int { return x + 1 }))
	errModelStop = errors.New("the body of a program panics")
)

// A model is a Context as a plain map. Base Contexts have one too.
type model struct {
	values  map[*gls.Var[int]]int
	entered bool
}

func (m *model) copy() *model {
	c := &model{values: make(map[*gls.Var[int]]int, len(m.values))}
	for v, x := range m.values {
		c.values[v] = x
	}
	return c
}

// fork is like copy for a child goroutine.
func (m *model) fork() *model {
	c := m.copy()
	if x, ok := c.values[modelFork]; ok {
		c.values[modelFork] = x + 1
	}
	return c
}

// A modelToken is a token with everything that the model knows about it.
type modelToken struct {
	token gls.Token[int]
	v     *gls.Var[int]
	in    *model
	old   int
	had   bool
	used  bool
}

// A runner executes a program on the library and on models side by side.
// Goroutines run to completion before their starters go on.
type runner struct {
	program []byte
	slots   [modelSlots]*gls.Context
	models  [modelSlots]*model
	tokens  []*modelToken
	failure error
}

// A place is the Context and the goroutine that a runner is in.
type place struct {
	current, base *model
	depth         int
}

func FuzzModel(f *testing.F) {
	f.Add([]byte{opSet, 0, 1, opSet, 0, 2, opReset, 0, 0, opResetLast})
	f.Fuzz(func(t *testing.T, program []byte) {
		if len(program) > modelLongest {
			program = program[:modelLongest]
		}
		if err := runProgram(program); err != nil {
			t.Fatal(err)
		}
	})
}

func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		program := rapid.SliceOfN(rapid.OneOf(
			rapid.Byte(),
			rapid.ByteRange(opSet, opUnset), // more of what changes the storage
		), 100, 600).Draw(t, "program")
		if err := runProgram(program); err != nil {
			t.Fatal(err)
		}
	})
}

// TestModelOfLongPrograms runs longer programs than rapid does, which reach
// deep into the storage.
func TestModelOfLongPrograms(t *testing.T) {
	programs := 200
	if raceEnabled || !gls.ReadStats().FastID {
		programs = 20
	}
	random := rand.New(rand.NewSource(1))
	for i := 0; i < programs; i++ {
		program := make([]byte, modelLongest)
		random.Read(program)
		require.NoError(t, runProgram(program), "program %d", i)
	}
}

// runProgram runs program on a new goroutine and returns the first difference
// between the library and its models.
func runProgram(program []byte) error {
	r := &runner{program: program}
	for i := range r.slots {
		r.slots[i], r.models[i] = gls.NewContext(), new(model).copy()
	}
	elsewhere(func() {
		base := new(model).copy()
		r.body(place{base, base, 0})
		gls.Release()
	})
	return r.failure
}

// next returns the next operand, below n.
func (r *runner) next(n int) int {
	if len(r.program) == 0 {
		return 0
	}
	x := int(r.program[0])
	r.program = r.program[1:]
	return x % n
}

func (r *runner) failf(format string, args ...any) {
	if r.failure == nil {
		r.failure = fmt.Errorf(format, args...)
	}
}

// body executes the operations up to the end of the body. It panics with
// errModelStop if the program does.
func (r *runner) body(p place) {
	for len(r.program) > 0 && r.failure == nil {
		o := r.next(ops)
		if o == opEnd {
			if p.depth == 0 {
				continue
			}
			if r.next(4) == 0 {
				panic(errModelStop)
			}
			return
		}
		r.step(o, p)
		r.check(o, p)
	}
}

// nested executes a body in q and recovers its panic.
func (r *runner) nested(q place) {
	defer func() {
		if x := recover(); x != nil && x != any(errModelStop) {
			panic(x)
		}
	}()
	q.depth++
	r.body(q)
}

func (r *runner) variable() *gls.Var[int] {
	if n := r.next(modelFew + 1); n < modelFew {
		return modelVariables[n]
	}
	return modelFork
}

// step executes the operation o with its operands.
func (r *runner) step(o int, p place) {
	switch o {
	case opSet:
		r.set(r.variable(), r.next(256), p)
	case opSetMany:
		for i, n := r.next(modelVars), r.next(32); n > 0; n-- {
			r.set(modelVariables[(i+n*n)%modelVars], n, p)
		}
	case opUnset:
		r.unset(r.variable(), p)
	case opReset:
		if n, other := r.next(256), r.next(4) == 0; len(r.tokens) > 0 {
			t := r.tokens[n%len(r.tokens)]
			v := t.v
			if other {
				v = r.variable()
			}
			r.reset(v, t, p)
		}
	case opResetLast:
		for n := len(r.tokens) - 1; n >= 0; n-- {
			if t := r.tokens[n]; !t.used {
				r.reset(t.v, t, p)
				break
			}
		}
	case opCopy:
		i := r.next(modelSlots)
		r.slots[i], r.models[i] = gls.CopyContext(), p.current.copy()
	case opCopyOf:
		i, j := r.next(modelSlots), r.next(modelSlots)
		r.slots[i], r.models[i] = r.slots[j].Copy(), r.models[j].copy()
	case opNew:
		i := r.next(modelSlots)
		r.slots[i], r.models[i] = gls.NewContext(), new(model).copy()
	case opEqual:
		i, j := r.next(modelSlots), r.next(modelSlots)
		if got, want := r.slots[i].Equal(r.slots[j]), sameValues(r.models[i], r.models[j]); got != want {
			r.failf("Equal: %t, want %t", got, want)
		}
	case opRelease:
		gls.Release()
		p.base.values = map[*gls.Var[int]]int{}
	default:
		if p.depth < modelDepth {
			r.scoped(o, p)
		}
	}
}

// scoped executes o, which has a body.
func (r *runner) scoped(o int, p place) {
	i := r.next(modelSlots)
	c, m := r.slots[i], r.models[i]
	inside := func() { r.nested(place{m, p.base, p.depth}) }
	alone := func(q *model) { r.nested(place{q, q, p.depth}) }
	switch o {
	case opRun:
		r.enter("Run", m, func() error { return c.TryRun(inside) })
	case opEnter:
		r.enter("Enter", m, func() error {
			var exit func()
			if err, _ := panicOf(func() { exit = c.Enter() }).(error); err != nil {
				return err
			}
			inside()
			exit()
			return nil
		})
	case opWith:
		v, was := r.variable(), p.current
		old, had := was.values[v]
		was.values[v] = i
		v.With(i, func() { r.nested(p) })
		if delete(was.values, v); had {
			was.values[v] = old
		}
	case opWrap:
		q := p.current.copy()
		gls.Wrap(func() { r.nested(place{q, p.base, p.depth}) })()
	case opSpawn:
		q := p.current.fork()
		var g spawn.WaitGroup
		g.Go(func() { alone(q) })
		g.Wait()
	case opSpawnIn:
		base := new(model)
		r.enter("StartIn", m, func() (err error) {
			err, _ = panicOf(func() {
				_, _ = spawn.StartIn(c, func() (int, error) {
					r.nested(place{m, base, p.depth})
					return 0, nil
				}).Wait()
			}).(error)
			return err
		})
	case opGo:
		elsewhere(func() { alone(new(model).copy()); gls.Release() })
	case opDetach:
		done := make(chan struct{})
		spawn.Detached(func() { defer close(done); alone(new(model).copy()) })
		<-done
	}
}

// enter calls run, which must enter the Context of m.
func (r *runner) enter(what string, m *model, run func() error) {
	was := m.entered
	m.entered = true
	err := run()
	m.entered = was
	if errors.Is(err, gls.ErrEntered) != was || !was && err != nil {
		r.failf("%s: %v, entered: %t", what, err, was)
	}
}
