package glszap

import (
	"errors"
	"strings"
	"sync"

	"go.uber.org/zap/zapcore"
)

// A pending is an entry that the core behind has accepted. It stands for that
// core in the logger's CheckedEntry, which calls Write once. Like that, it is
// pooled.
type pending struct {
	*core // the one that was asked
	// accepted has the cores that will write. It is nil if that is top itself.
	accepted *zapcore.CheckedEntry
	// fields are what is to be added, as read by Check on the goroutine that
	// logs, with room for the fields of the entry. Cores may retain them, so
	// the slice is not pooled.
	fields  []zapcore.Field
	failure failure
}

// room is how many fields an entry can have without another allocation.
const room = 3

var pendings = sync.Pool{New: func() any { return new(pending) }}

// newPending returns an entry with bound, which it does not retain. accepted is
// what the core behind c made of it, or nil.
func newPending(c *core, accepted *zapcore.CheckedEntry, bound []zapcore.Field) *pending {
	p := pendings.Get().(*pending)
	p.core, p.accepted = c, accepted
	p.fields = append(make([]zapcore.Field, 0, len(bound)+len(c.since)+room), bound...)
	p.fields = append(p.fields, c.since...)
	return p
}

// Write writes the entry, to which the logger has added its caller and stack
// since.
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

// A failure collects what a CheckedEntry says about cores that fail: it has no
// other way to return that.
type failure struct{ text []byte }

func (f *failure) Write(b []byte) (int, error) {
	f.text = append(f.text, b...)
	return len(b), nil
}

// Sync implements [zapcore.WriteSyncer].
func (f *failure) Sync() error { return nil }

// take returns the failure as an error, or nil, and empties f. The time and the
// words that a CheckedEntry puts in front will be there again.
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
