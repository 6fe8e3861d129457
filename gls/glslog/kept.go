package glslog

import (
	"hash/maphash"
	"log/slog"
	"math"
	"sync/atomic"
)

// keptHandlers is a cache of handlers that were derived for sets of bindings.
// The zero value is empty. If several goroutines add a handler at once, the
// handlers of some may be lost.
type keptHandlers struct {
	// last is the newest handler. A logger that is made for one request needs no
	// other; the table is made when there is a second one.
	last  atomic.Pointer[keptHandler]
	table atomic.Pointer[keptTable]
}

type keptTable [maxKept]atomic.Pointer[keptHandler]

const (
	maxKept = 256
	probes  = 4 // number of slots in which a handler can be
	// maxKeptText is the maximum total size of the strings of a set that is kept.
	maxKeptText = 16 << 10
)

// A keptHandler is a handler for one set of bindings. It is immutable.
type keptHandler struct {
	attrs    []slog.Attr // values that are compared by binding are cleared
	bindings []bindingRef
	hash     uint64
	handler  slog.Handler
}

// newKeptHandler returns h for attrs, which it modifies and retains. It returns
// nil if attrs cannot be compared with others or are too large.
func (c *config) newKeptHandler(attrs []slog.Attr, fields []int, h slog.Handler) *keptHandler {
	e := &keptHandler{attrs: attrs, handler: h}
	text := 0
	for i := range attrs {
		if size, ok := byValue(attrs[i].Value); ok {
			text += size
			continue
		}
		ref, ok := c.bindingRef(fields[i])
		if !ok {
			return nil
		}
		e.bindings = append(e.bindings, ref)
		attrs[i].Value = slog.Value{}
	}
	if text > maxKeptText {
		return nil
	}
	return e
}

// find returns the handler for attrs, or nil if there is none. hash must be the
// hash of attrs.
func (t *keptTable) find(hash uint64, c *config, attrs []slog.Attr, fields []int) slog.Handler {
	for i := uint64(0); i < probes; i++ {
		if e := t[(hash+i)%maxKept].Load(); e.is(c, attrs, fields) {
			return e.handler
		}
	}
	return nil
}

// add adds e to k. table is the table of k, as the caller has found it.
func (k *keptHandlers) add(table *keptTable, e *keptHandler) {
	before := k.last.Swap(e)
	switch {
	case before == nil:
		return
	case table == nil:
		table = new(keptTable)
		table.add(before)
		table.add(e)
		k.table.CompareAndSwap(nil, table)
	default:
		table.add(e)
	}
}

// add stores e in an empty slot, or in place of another handler.
func (t *keptTable) add(e *keptHandler) {
	for i := uint64(0); i < probes; i++ {
		if slot := &t[(e.hash+i)%maxKept]; slot.Load() == nil {
			slot.Store(e)
			return
		}
	}
	t[(e.hash+uint64(victim.Add(1)%probes))%maxKept].Store(e)
}

// victim selects the slot to overwrite when all of them are in use.
var victim atomic.Uint32

// is reports whether e is for attrs. It returns false if e is nil.
func (e *keptHandler) is(c *config, attrs []slog.Attr, fields []int) bool {
	if e == nil || len(attrs) != len(e.attrs) {
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

// isCleared reports whether v is the zero Value, which replaces values that are
// compared by binding.
func isCleared(v slog.Value) bool { return v.Kind() == slog.KindAny && v.Any() == nil }

// byValue reports whether v can be compared by value, because it prints the
// same as any value equal to it, and returns the size of its text. It reports
// false for pointers, maps and the like.
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

// sameValue reports whether a and b print the same. Both must be comparable by
// value.
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
		return a.Time() == b.Time() // in the same zone
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

// hash returns a hash of attrs.
func (c *config) hash(attrs []slog.Attr, fields []int) uint64 {
	h := uint64(len(attrs))
	for i := range attrs {
		v := attrs[i].Value
		if _, ok := byValue(v); ok {
			h = (h ^ hashOf(v)) * prime
		} else {
			h = (h ^ uint64(c.address(fields[i]))) * prime
		}
	}
	return h >> 32
}

// hashOf returns a hash of v, which must be comparable by value. All values of
// rare kinds have the same hash.
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
