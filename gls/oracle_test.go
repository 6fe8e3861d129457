package gls_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// testdata/oracle_traces.jsonl.gz has random programs that use contextvars,
// with the answers of CPython; testdata/traces.py made them and defines the
// operations. The interpreter below follows its function execute line by line.

// A trace is one line of the file.
type trace struct {
	Base    bool  // run in a base Context rather than an explicit one
	Program []op  `json:"prog"`
	Answers []any `json:"out"`
}

// An op is a name, numbers, and for some names a body.
type op struct {
	name string
	args []int
	body []op
}

func (o *op) UnmarshalJSON(line []byte) error {
	var fields []json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		return err
	}
	if err := json.Unmarshal(fields[0], &o.name); err != nil {
		return err
	}
	for _, f := range fields[1:] {
		if f[0] == '[' {
			if err := json.Unmarshal(f, &o.body); err != nil {
				return err
			}
			continue
		}
		var n int
		if err := json.Unmarshal(f, &n); err != nil {
			return err
		}
		o.args = append(o.args, n)
	}
	return nil
}

const (
	oracleTraces    = 2000
	oracleVars      = 3
	oracleContexts  = 4
	oracleTokens    = 6
	oracleDefault   = -1
	oracleBaseTrace = oracleTraces / 2
)

// oracleVariables has the variables of all programs, which can share them
// because only Contexts have state.
var oracleVariables = [oracleVars]*gls.Var[int]{
	gls.New("v0", gls.Default(oracleDefault)), gls.New[int]("v1"), gls.New[int]("v2"),
}

// errBoom is the panic of the operation "raise".
var errBoom = errors.New("boom")

// A machine executes one program. Threads run to completion before their
// starters go on, so it needs no lock.
type machine struct {
	contexts [oracleContexts]*gls.Context
	tokens   [oracleTokens]gls.Token[int] // Python's None is the zero Token
	answers  []any
}

func TestOracle(t *testing.T) {
	traces := readTraces(t)
	require.Len(t, traces, oracleTraces)
	bases := 0
	for i, tr := range traces {
		if tr.Base {
			bases++
		}
		require.Equal(t, tr.Answers, execute(tr), "program %d", i)
	}
	require.Equal(t, oracleBaseTrace, bases)
}

func readTraces(t *testing.T) (traces []trace) {
	f, err := os.Open("testdata/oracle_traces.jsonl.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var tr trace
		require.NoError(t, json.Unmarshal(lines.Bytes(), &tr))
		traces = append(traces, tr)
	}
	require.NoError(t, lines.Err())
	return traces
}

// execute runs the program of tr on a new goroutine and returns its answers
// after encoding them as JSON and decoding them again.
func execute(tr trace) []any {
	m := new(machine)
	for i := range m.contexts {
		m.contexts[i] = gls.NewContext()
	}
	top := func() {
		m.attempt(func() error { m.run(tr.Program); return nil }, false)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if tr.Base {
			top()
		} else {
			gls.NewContext().Run(top)
		}
	}()
	<-done
	return m.answers
}

func (m *machine) answer(x any) {
	if n, ok := x.(int); ok {
		x = float64(n) // as encoding/json has it
	}
	m.answers = append(m.answers, x)
}

// attempt answers with the result of f, but with nothing on success unless
// sayOK is set.
func (m *machine) attempt(f func() error, sayOK bool) {
	defer func() {
		if p := recover(); p != nil {
			if p != any(errBoom) {
				panic(p)
			}
			m.answer("boom")
		}
	}()
	if err := f(); err != nil {
		m.answer(nameOf(err))
	} else if sayOK {
		m.answer("ok")
	}
}

// nameOf returns the name of err in traces.py.
func nameOf(err error) string {
	for kind, name := range map[error]string{
		gls.ErrTokenUsed: "used", gls.ErrTokenVar: "var", gls.ErrTokenContext: "ctx", gls.ErrEntered: "entered",
	} {
		if errors.Is(err, kind) {
			return name
		}
	}
	panic(err)
}

func (m *machine) run(program []op) {
	for _, o := range program {
		if !m.token(o) && !m.context(o) {
			m.nested(o)
		}
	}
}

// token executes o if it is about variables and tokens.
func (m *machine) token(o op) bool {
	switch o.name {
	case "set":
		m.tokens[o.args[2]] = oracleVariables[o.args[0]].Set(o.args[1])
		m.answer("ok")
	case "reset":
		t := m.tokens[o.args[1]]
		if t.Var() == nil {
			m.answer("nil")
			break
		}
		v := t.Var()
		if o.args[0] >= 0 {
			v = oracleVariables[o.args[0]]
		}
		m.attempt(func() error { return v.TryReset(t) }, true)
	case "get":
		m.answer(mustGet(oracleVariables[o.args[0]]))
	case "getor":
		m.answer(oracleVariables[o.args[0]].GetOr(o.args[1]))
	case "old":
		t := m.tokens[o.args[0]]
		if old, ok := t.Old(); ok {
			m.answer(old)
		} else if t.Var() != nil {
			m.answer("missing")
		} else {
			m.answer("nil")
		}
	case "used":
		if t := m.tokens[o.args[0]]; t.Var() != nil {
			m.answer(t.Used())
		} else {
			m.answer("nil")
		}
	default:
		return false
	}
	return true
}

// mustGet returns the value of v, or "unset" in place of Python's LookupError.
func mustGet(v *gls.Var[int]) (x any) {
	defer func() {
		if p := recover(); p != nil {
			var missing *gls.LookupError
			if err, ok := p.(error); !ok || !errors.As(err, &missing) || missing.Var != gls.AnyVar(v) {
				panic(p)
			}
			x = "unset"
		}
	}()
	return v.MustGet()
}

// context executes o if it is about Contexts but runs nothing.
func (m *machine) context(o op) bool {
	switch o.name {
	case "copy":
		m.contexts[o.args[0]] = gls.CopyContext()
		m.answer(m.contexts[o.args[0]].Len())
	case "new":
		m.contexts[o.args[0]] = gls.NewContext()
		m.answer("ok")
	case "ctxcopy":
		m.contexts[o.args[1]] = m.contexts[o.args[0]].Copy()
		m.answer(m.contexts[o.args[1]].Len())
	case "in":
		if x, ok := oracleVariables[o.args[0]].In(m.contexts[o.args[1]]); ok {
			m.answer(x)
		} else {
			m.answer("missing")
		}
	case "items":
		items := map[string]any{}
		m.contexts[o.args[0]].Range(func(v gls.AnyVar, x any) bool {
			items[v.Name()] = float64(x.(int))
			return true
		})
		m.answer(items)
	case "eq":
		m.answer(m.contexts[o.args[0]].Equal(m.contexts[o.args[1]]))
	default:
		return false
	}
	return true
}

// nested executes o, which has a body, or is "raise".
func (m *machine) nested(o op) {
	body := func() { m.run(o.body) }
	switch o.name {
	case "raise":
		panic(errBoom)
	case "with":
		oracleVariables[o.args[0]].With(o.args[1], body)
		m.answer("ok")
	case "run":
		c := m.contexts[o.args[0]]
		m.attempt(func() error { return c.TryRun(body) }, true)
	case "thread":
		// A spawned goroutine's base is the copy; a token of the Context
		// that was copied is as foreign there as inside copy.run.
		join(spawn.Start(m.thread(body)))
	case "thread_empty":
		join(spawn.StartIn(gls.NewContext(), m.thread(body)))
	case "thread_in":
		// Python's thread starts and then fails to enter.
		c := m.contexts[o.args[0]]
		done := make(chan struct{})
		go func() {
			defer close(done)
			m.attempt(func() error { return c.TryRun(body) }, true)
		}()
		<-done
	default:
		panic(fmt.Sprintf("unknown operation %q", o.name))
	}
}

// thread returns body as a task that answers with its result.
func (m *machine) thread(body func()) func() (struct{}, error) {
	return func() (struct{}, error) {
		m.attempt(func() error { body(); return nil }, true)
		return struct{}{}, nil
	}
}

// join waits for t, which must not fail.
func join[T any](t *spawn.Task[T]) {
	if _, err := t.Wait(); err != nil {
		panic(err)
	}
}

func TestOracleOperationsDecode(t *testing.T) {
	var o op
	require.NoError(t, json.Unmarshal([]byte(`["with",2,33,[["get",0]]]`), &o))
	want := op{"with", []int{2, 33}, []op{{"get", []int{0}, nil}}}
	require.True(t, reflect.DeepEqual(want, o), "%v", o)
}
