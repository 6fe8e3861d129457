package glsdebug

import "context"

// A turn makes requests work one after the other. The one whose turn it is
// steps aside while it calls code of the program, which may take any time.
type turn struct {
	// It is full while a request is being worked on.
	taken chan struct{}
}

func newTurn() turn { return turn{make(chan struct{}, 1)} }

// take calls f when it is the caller's turn. It returns an error, without
// having called f, if ctx ends before.
func (t turn) take(ctx context.Context, f func()) error {
	select {
	case t.taken <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer t.leave()
	f()
	return nil
}

// aside calls f, and lets others have their turns meanwhile. The caller must
// have the turn; it has it again afterwards, even if f panics.
func (t turn) aside(f func()) {
	t.leave()
	defer func() { t.taken <- struct{}{} }()
	f()
}

func (t turn) leave() { <-t.taken }
