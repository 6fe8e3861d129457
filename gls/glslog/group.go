package glslog

import (
	"hash/maphash"
	"log/slog"
	"math"
	"sync/atomic"
)

// An openGroups is what a [Handler] inside groups needs in order to put
// variables in front of them.
type openGroups struct {
	top   slog.Handler // before the first group; immutable
	since []step       // what led from there to the handler behind; immutable
	kept  keptHandlers
}

// A step is a call of WithGroup, or of WithAttrs if group is empty. It is
// immutable.
type step struct {
	group string
	attrs []slog.Attr
}

func (s step) apply(h slog.Handler) slog.Handler {
	if s.group != "" {
		return h.WithGroup(s.group)
	}
	return h.WithAttrs(s.attrs)
}

// handlerWith returns the handler behind with attrs in front of its groups.
// fields are the indices of the fields of c that attrs come from. Neither slice
// is retained.
func (o *openGroups) handlerWith(c *config, attrs []slog.Attr, fields []int) slog.Handler {
	if h := o.kept.find(c, attrs, fields); h != nil {
		return h
	}
	h := o.top.WithAttrs(c.grouped(attrs))
	for _, s := range o.since {
		h = s.apply(h)
	}
	o.kept.add(c, attrs, fields, h)
	return h
}

// keptHandlers are handlers that were derived for sets of bindings. The zero
// value is empty. It is a cache: of several goroutines that add at once, one
// may win.
type keptHandlers struct {
	table atomic.Pointer[keptTable]
}

// A keptTable has one slot at first, which is all that a logger made for one
// request needs, and maxKept when that does not do.
type keptTable []atomic.Pointer[keptHandler]

const (
	maxKept = 256
	probes  = 4 // slots in which a handler can be
	// maxKeptText is the size of the strings in a set above which it is not
	// kept.
	maxKeptText = 16 << 10
)

// A keptHandler is a handler for one set of bindings. It is immutable.
type keptHandler struct {
	attrs    []slog.Attr // values that do not count by value are cleared
	bindings []bindingRef
	handler  slog.Handler
}

// find returns the handler for attrs, or nil.
func (k *keptHandlers) find(c *config, attrs []slog.Attr, fields []int) slog.Handler {
	table := k.table.Load()
	if table == nil {
		return nil
	}
	for i, at := 0, table.index(c, attrs, fields); i < probes && i < len(*table); i++ {
		if e := (*table)[(at+i)%len(*table)].Load(); e != nil && e.is(c, attrs, fields) {
			return e.handler
		}
	}
	return nil
}

// add keeps h for attrs, if these can be told from others.
func (k *keptHandlers) add(c *config, attrs []slog.Attr, fields []int, h slog.Handler) {
	kept := append([]slog.Attr(nil), attrs...) // not attrs, which would then escape
	e := &keptHandler{attrs: kept, handler: h}
	text := 0
	for i := range kept {
		if size, ok := byValue(kept[i].Value); ok {
			text += size
			continue
		}
		ref, ok := c.bindingRef(fields[i])
		if !ok {
			return
		}
		e.bindings = append(e.bindings, ref)
		kept[i].Value = slog.Value{}
	}
	if text > maxKeptText {
		return
	}
	table := k.table.Load()
	if table == nil {
		first := make(keptTable, 1)
		first[0].Store(e)
		k.table.CompareAndSwap(nil, &first)
		return
	}
	if len(*table) == 1 {
		larger := make(keptTable, maxKept)
		if !k.table.CompareAndSwap(table, &larger) {
			return // somebody else is growing it; the next line will keep e
		}
		table = &larger
	}
	at := table.index(c, attrs, fields)
	for i := 0; i < probes; i++ {
		if slot := &(*table)[(at+i)%maxKept]; slot.Load() == nil {
			slot.Store(e)
			return
		}
	}
	(*table)[(at+int(victim.Add(1)%probes))%maxKept].Store(e)
}

// victim chooses among the slots of a set, all of which are taken.
var victim atomic.Uint32

// is reports whether e is for attrs.
func (e *keptHandler) is(c *config, attrs []slog.Attr, fields []int) bool {
	if len(attrs) != len(e.attrs) {
		return false
	}
	refs := e.bindings
	for i := range attrs {
		a, b := &attrs[i], &e.attrs[i]
		switch {
		case a.Key != b.Key:
			return false
		case sameValue(a.Value, b.Value):
		case len(refs) > 0 && isCleared(b.Value):
			if _, ok := byValue(a.Value); ok || !c.isBoundBy(fields[i], refs[0]) {
				return false
			}
			refs = refs[1:]
		default:
			return false
		}
	}
	return true
}

// isCleared reports whether v is the zero Value, which stands for a value that
// is known by its binding.
func isCleared(v slog.Value) bool { return v.Kind() == slog.KindAny && v.Any() == nil }

// byValue reports whether values that look like v print alike, and the size of
// its text. It is false for pointers, maps and the like.
func byValue(v slog.Value) (text int, ok bool) {
	switch v.Kind() {
	case slog.KindString:
		return len(v.String()), true
	case slog.KindAny:
		s, ok := v.Any().(jsonText)
		return len(s), ok
	case slog.KindLogValuer:
		return 0, false
	case slog.KindGroup:
		for _, a := range v.Group() {
			n, ok := byValue(a.Value)
			if !ok {
				return 0, false
			}
			text += len(a.Key) + n
		}
		return text, true
	default:
		return 0, true
	}
}

// sameValue reports whether a and b print alike, for values that can be told by
// what they look like.
func sameValue(a, b slog.Value) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case slog.KindString:
		return a.String() == b.String()
	case slog.KindFloat64:
		return math.Float64bits(a.Float64()) == math.Float64bits(b.Float64())
	case slog.KindTime:
		return a.Time() == b.Time() // same zone too
	case slog.KindAny:
		x, ok := a.Any().(jsonText)
		y, also := b.Any().(jsonText)
		return ok && also && x == y
	case slog.KindLogValuer:
		return false
	case slog.KindGroup:
		as, bs := a.Group(), b.Group()
		if len(as) != len(bs) {
			return false
		}
		for i := range as {
			if as[i].Key != bs[i].Key || !sameValue(as[i].Value, bs[i].Value) {
				return false
			}
		}
		return true
	default:
		return a.Equal(b)
	}
}

var seed = maphash.MakeSeed()

const prime = 1099511628211 // of FNV

// index returns the first slot of attrs in t.
func (t *keptTable) index(c *config, attrs []slog.Attr, fields []int) int {
	if len(*t) == 1 {
		return 0
	}
	h := uint64(len(attrs))
	for i := range attrs {
		v := attrs[i].Value
		if _, ok := byValue(v); ok {
			h = (h ^ hashOf(v)) * prime
		} else {
			h = (h ^ uint64(c.address(fields[i]))) * prime
		}
	}
	return int((h >> 32) % uint64(len(*t)))
}

// hashOf returns a hash of v, which counts by value. Values of rare kinds share
// one.
func hashOf(v slog.Value) (h uint64) {
	switch v.Kind() {
	case slog.KindString:
		return maphash.String(seed, v.String())
	case slog.KindInt64:
		return uint64(v.Int64())
	case slog.KindUint64:
		return v.Uint64()
	case slog.KindGroup:
		for _, a := range v.Group() {
			h = (h ^ hashOf(a.Value)) * prime
		}
	}
	return h
}
