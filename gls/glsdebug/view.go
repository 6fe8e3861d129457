package glsdebug

import (
	"context"
	"sort"
	"strings"
	"time"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/hook"
	"github.com/seed18162548/contextvars/internal/registry"
)

// A view is a snapshot of the process, as far as a query asks for it. The
// exported fields of a view and of its parts are for the templates.
type view struct {
	Query    query
	Time     time.Time
	Counters counters
	Tracking bool
	Vars     []varCount
	Values   []valueCount // of the query's variable
	Total    int          // number of goroutines that hold state
	Matched  int          // number of those that match the query, on all pages
	Pages    int          // at least 1
	Rows     []row        // of the page

	selection
}

// A selection is the list of entries that a query selects, in its order.
type selection struct {
	entries []registry.Entry
	format  *formatter
	c       *gls.Context // lends its methods to the bindings of an entry
}

// A varCount is a variable and the number of goroutines that have it bound.
type varCount struct {
	key     binding.Key
	Name    string
	Count   int
	Visible bool
}

// A row is one goroutine.
type row struct {
	ID       int64
	In       registry.ScopeKind
	Ended    bool
	Self     bool // whether it is the goroutine that serves the page
	Bindings []boundVar
	Record   *registry.SpawnRecord
}

// A boundVar is a variable with what it is bound to.
type boundVar struct {
	key    binding.Key
	Name   string
	Value  string
	Hidden bool // whether the value must not be shown; then Value is empty
	Opaque bool // whether Value is only the type
	Stuck  bool // whether that is because its String or Error method has not returned
}

// newView returns a view of the process. ctx is the context of the request. The
// caller must have the turn.
func (h *handler) newView(ctx context.Context, q query) *view {
	v := &view{Query: q, Time: time.Now(), Counters: readCounters(), Tracking: registry.Tracking()}
	v.format, v.c = newFormatter(ctx, h), gls.NewContext()
	all := registry.Entries()
	v.Total = len(all)
	v.entries = v.filter(all)
	v.Matched = len(v.entries)
	v.order()

	v.Pages = (v.Matched + q.Per - 1) / q.Per
	if v.Pages == 0 {
		v.Pages = 1
	}
	if v.Query.Page > v.Pages {
		v.Query.Page = v.Pages
	}
	from := (v.Query.Page - 1) * q.Per
	to := from + q.Per
	if to > v.Matched {
		to = v.Matched
	}
	self := goroutine.ID()
	for _, e := range v.entries[from:to] {
		v.Rows = append(v.Rows, row{
			ID: e.ID, In: e.Kind, Ended: e.Ended, Self: e.ID == self,
			Bindings: v.bindings(e), Record: e.Record,
		})
	}
	return v
}

// filter returns the entries that v's query selects, in the array of all. It
// counts how many of all entries bind each variable, and how many bind the
// variable of the query to each of its values.
func (v *view) filter(all []registry.Entry) []registry.Entry {
	counts := make(map[binding.Key]*varCount)
	values := make(valueCounts)
	kept := all[:0]
	for _, e := range all {
		named := v.Query.Var == ""
		for _, c := range binding.Cells(e.Root) {
			f := counts[c.Key()]
			if f == nil {
				owner := binding.VariableOf(c.Key()).Owner.(gls.AnyVar)
				f = &varCount{key: c.Key(), Name: owner.Name(), Visible: v.format.shows(owner)}
				counts[c.Key()] = f
			}
			f.Count++
			named = named || f.Name == v.Query.Var
		}
		if named && v.hasValue(e, values) {
			kept = append(kept, e)
		}
	}
	for _, f := range counts {
		v.Vars = append(v.Vars, *f)
	}
	sort.Slice(v.Vars, func(i, j int) bool { return v.Vars[i].key < v.Vars[j].key })
	v.Values = values.list()
	return kept
}

// hasValue reports whether e binds a visible variable to the value that v's
// query asks for, or whether the query asks for no value. If the query names a
// variable, only that one counts, and its value is added to counts. Hidden
// values are not compared, because repeated queries could find them out.
func (v *view) hasValue(e registry.Entry, counts valueCounts) (found bool) {
	q := v.Query
	if q.Var == "" && q.Value == "" {
		return true
	}
	v.each(e, func(w gls.AnyVar, x any) bool {
		if !v.format.shows(w) || q.Var != "" && w.Name() != q.Var {
			return true
		}
		s, how := v.format.text(w, x)
		if q.Var != "" {
			counts.add(s, how)
		}
		switch {
		case q.Value == "" || how == stuck:
		case q.Contains:
			found = found || strings.Contains(s, q.Value)
		default:
			found = found || s == q.Value
		}
		return q.Var != "" || !found
	})
	return found || q.Value == ""
}

// each calls f for the bindings of e, as gls.Context.Range does.
func (m *selection) each(e registry.Entry, f func(gls.AnyVar, any) bool) {
	hook.Context(m.c).SetRoot(e.Root)
	m.c.Range(f)
}

// bindings returns what the page shows of the bindings of e.
func (m *selection) bindings(e registry.Entry) (list []boundVar) {
	for _, c := range binding.Cells(e.Root) {
		list = append(list, boundVar{key: c.Key(), Hidden: true})
	}
	i := 0
	m.each(e, func(w gls.AnyVar, x any) bool { // in the same order
		b := &list[i]
		i++
		b.Name = w.Name()
		if m.format.shows(w) {
			s, how := m.format.text(w, x)
			b.Value, b.Hidden, b.Opaque, b.Stuck = s, false, how != whole, how == stuck
		}
		return true
	})
	return list
}

// order sorts the entries in the order of v's query, and equal ones by ID.
func (v *view) order() {
	type keyed struct {
		key int64
		e   registry.Entry
	}
	list := make([]keyed, len(v.entries))
	for i, e := range v.entries {
		list[i] = keyed{sortKey(v.Query.Sort, e), e}
	}
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if a.key != b.key {
			return a.key < b.key != v.Query.Desc
		}
		return a.e.ID < b.e.ID != v.Query.Desc
	})
	for i := range list {
		v.entries[i] = list[i].e
	}
}

// sortKey returns the number by which e is sorted.
func sortKey(order string, e registry.Entry) int64 {
	switch {
	case order == "bindings":
		return int64(binding.Len(e.Root))
	case order == "age" && e.Record != nil:
		return -e.Record.Since.UnixNano()
	case order == "parent" && e.Record != nil:
		return e.Record.Parent
	default:
		return 0
	}
}
