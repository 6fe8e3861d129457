package gls_test

import (
	"errors"

	"github.com/seed18162548/contextvars/gls"
)

// This file has what a runner does with tokens, and the comparison of a Context
// with its model.

func (r *runner) set(v *gls.Var[int], x int, p place) {
	t := &modelToken{v: v, in: p.current}
	t.old, t.had = p.current.values[v]
	t.token = v.Set(x)
	p.current.values[v] = x
	r.tokens = append(r.tokens, t)
}

func (r *runner) unset(v *gls.Var[int], p place) {
	t := &modelToken{v: v, in: p.current}
	t.old, t.had = p.current.values[v]
	t.token = v.Unset()
	delete(p.current.values, v)
	r.tokens = append(r.tokens, t)
}

// reset resets v with t and checks the result.
func (r *runner) reset(v *gls.Var[int], t *modelToken, p place) {
	var want error
	switch {
	case t.used:
		want = gls.ErrTokenUsed
	case v != t.v:
		want = gls.ErrTokenVar
	case t.in != p.current:
		want = gls.ErrTokenContext
	}
	err := v.TryReset(t.token)
	if !errors.Is(err, want) || (err == nil) != (want == nil) {
		r.failf("TryReset: %v, want %v", err, want)
	}
	if want == nil {
		t.used = true
		if delete(p.current.values, v); t.had {
			p.current.values[v] = t.old
		}
	}
	if old, had := t.token.Old(); t.token.Used() != t.used || old != t.old || had != t.had {
		r.failf("token: used %t, old %d, %t; want %t, %d, %t", t.token.Used(), old, had, t.used, t.old, t.had)
	}
}

// check compares everything that is visible now with the models.
func (r *runner) check(o int, p place) {
	for _, v := range append(modelVariables[:modelFew:modelFew], modelFork) {
		x, ok := v.Lookup()
		if want, bound := p.current.values[v]; ok != bound || x != want || v.Get() != want {
			r.failf("after %d: %v is %d, %t; want %d, %t", o, v, x, ok, want, bound)
		}
	}
	r.checkContext("current", gls.CopyContext(), p.current)
	for i, c := range r.slots {
		r.checkContext("slot", c, r.models[i])
	}
}

func (r *runner) checkContext(what string, c *gls.Context, m *model) {
	if c.Len() != len(m.values) {
		r.failf("%s: %d bindings, want %d", what, c.Len(), len(m.values))
	}
	n := 0
	c.Range(func(v gls.AnyVar, x any) bool {
		n++
		want, bound := m.values[v.(*gls.Var[int])]
		if !bound || x != want || !c.Has(v) {
			r.failf("%s: %v is %d; want %d, %t", what, v, x, want, bound)
		}
		return true
	})
	if n != len(m.values) {
		r.failf("%s: Range shows %d bindings, want %d", what, n, len(m.values))
	}
	for v, want := range m.values {
		if x, ok := v.In(c); !ok || x != want {
			r.failf("%s: %v is %d, %t; want %d", what, v, x, ok, want)
			break
		}
	}
}

func sameValues(a, b *model) bool {
	if len(a.values) != len(b.values) {
		return false
	}
	for v, x := range a.values {
		if y, ok := b.values[v]; !ok || x != y {
			return false
		}
	}
	return true
}
