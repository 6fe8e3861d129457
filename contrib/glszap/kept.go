package glszap

import (
	"hash/maphash"
	"sync/atomic"

	"go.uber.org/zap/zapcore"
)

// keptCores is a cache of cores that were derived for sets of fields, so that
// many lines with the same bindings encode them once. If several goroutines add
// a core at once, the cores of some may be lost. The zero value is empty.
//
// A set is kept when it is seen for the second time in a row, because deriving
// a core costs more than one line does. The first set has its own slot; a
// logger that is made for one request needs no other.
type keptCores struct {
	seen  atomic.Uint64 // hash of the first set
	first atomic.Pointer[keptCore]
	more  atomic.Pointer[keptTable]
}

// maxKept is the number of sets that are kept beside the first. Each takes
// about a kilobyte, the buffer of zap's encoder.
const maxKept = 64

type keptTable struct {
	seen  [maxKept]atomic.Uint64 // hash of the last set in each slot
	cores [maxKept]atomic.Pointer[keptCore]
}

// A keptCore is immutable.
type keptCore struct {
	fields []zapcore.Field
	core   zapcore.Core
}

// maxKeptText is the maximum total size of the strings of a set that is kept.
const maxKeptText = 8 << 10

// find returns a core for fields, made by derive. It returns nil if the fields
// are not to be kept, or not yet. It does not retain fields.
func (k *keptCores) find(fields []zapcore.Field, derive func([]zapcore.Field) zapcore.Core) zapcore.Core {
	if e := k.first.Load(); e.is(fields) {
		return e.core
	}
	hash, ok := hashOf(fields)
	if !ok {
		return nil
	}
	if k.seen.CompareAndSwap(0, hash) {
		return nil
	}
	if k.seen.Load() == hash && k.first.Load() == nil {
		e := newKeptCore(fields, derive)
		k.first.CompareAndSwap(nil, e)
		return e.core
	}
	table := k.more.Load()
	if table == nil {
		k.more.CompareAndSwap(nil, new(keptTable))
		table = k.more.Load()
	}
	at := hash % maxKept
	if e := table.cores[at].Load(); e.is(fields) {
		return e.core
	}
	if table.seen[at].Swap(hash) != hash {
		return nil
	}
	e := newKeptCore(fields, derive)
	table.cores[at].Store(e)
	return e.core
}

func newKeptCore(fields []zapcore.Field, derive func([]zapcore.Field) zapcore.Core) *keptCore {
	own := append([]zapcore.Field(nil), fields...)
	return &keptCore{own, derive(own)}
}

// is reports whether e is for fields. It returns false if e is nil.
func (e *keptCore) is(fields []zapcore.Field) bool {
	if e == nil || len(e.fields) != len(fields) {
		return false
	}
	for i := range fields {
		a, b := &e.fields[i], &fields[i]
		if a.Integer != b.Integer || a.Type != b.Type || b.Interface != nil || a.String != b.String || a.Key != b.Key {
			return false
		}
	}
	return true
}

var seed = maphash.MakeSeed()

// hashOf returns a nonzero hash of fields. It reports whether they can be kept:
// whether equal fields are always encoded in the same way.
func hashOf(fields []zapcore.Field) (h uint64, ok bool) {
	const prime = 1099511628211 // of FNV
	text := 0
	for i := range fields {
		f := &fields[i]
		if f.Interface != nil {
			return 0, false
		}
		text += len(f.String)
		h = (h ^ uint64(f.Integer) ^ uint64(f.Type)<<56) * prime
		if f.Type == zapcore.StringType {
			h = (h ^ maphash.String(seed, f.String)) * prime
		}
	}
	return h ^ h>>32 | 1<<63, text <= maxKeptText
}
