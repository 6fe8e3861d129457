package glszap

import (
	"errors"
	"strings"
	"sync"

	"go.uber.org/zap/zapcore"
)

// A pending is an entry that the underlying core has accepted. It takes the
// place of that core in the logger's CheckedEntry, which calls Write once. Like
// a CheckedEntry, it is pooled.
type pending struct {
	*core // the core whose Check was called
	// accepted has the cores that will write. It is nil if that is top itself.
	accepted *zapcore.CheckedEntry
	// fields has the fields to add, as read by Check on the goroutine that logs,
	// with room for the fields of the entry. Cores may retain them, so the slice is
	// not pooled.
	fields  []zapcore.Field
	failure failure
}

// room is the number of fields that an entry can have without another
// allocation.
const room = 3

var pendings = sync.Pool{New: func() any { return new(pending) }}

// newPending returns an entry with bound, which it does not retain. accepted is
// the result of Check of the core underneath c, or nil.
func newPending(c *core, accepted *zapcore.CheckedEntry, bound []zapcore.Field) *pending {
	p := pendings.Get().(*pending)
	p.core, p.accepted = c, accepted
	p.fields = append(make([]zapcore.Field, 0, len(bound)+len(c.since)+room), bound...)
	p.fields = append(p.fields, c.since...)
	return p
}

// Write writes the entry. Since Check, the logger has added the caller and the
// stack.
func (p *pending) Write(e zapcore.Entry, fields []zapcore.Field) (err error) {
	all := append(p.fields, fields...)
	if p.accepted == nil {
		err = p.top.Write(e, all)
	} else {
		p.accepted.Entry = e
		if p.accepted.ErrorOutput == nil {
			p.accepted.ErrorOutput = &p.failure
		}
		p.accepted.Write(all...)
		err = p.failure.take()
	}
	p.core, p.accepted, p.fields = nil, nil, nil
	pendings.Put(p)
	return err
}

// A failure collects what a CheckedEntry prints about cores that fail, because
// it returns no error.
type failure struct{ text []byte }

func (f *failure) Write(b []byte) (int, error) {
	f.text = append(f.text, b...)
	return len(b), nil
}

// Sync implements [zapcore.WriteSyncer].
func (f *failure) Sync() error { return nil }

// take returns the failure as an error, or nil, and empties f. It removes the
// time and the words that a CheckedEntry puts in front, because the outer one
// will add them again.
func (f *failure) take() error {
	if len(f.text) == 0 {
		return nil
	}
	text := strings.TrimSuffix(string(f.text), "\n")
	f.text = nil
	if _, after, found := strings.Cut(text, " write error: "); found {
		text = after
	}
	return errors.New(text)
}
