package glsdebug

import "context"

// A turn serializes the work of requests. The request that has the turn gives
// it up while it calls code of the program, which may take any time.
type turn struct {
	// It is full while a request has the turn.
	taken chan struct{}
}

func newTurn() turn { return turn{make(chan struct{}, 1)} }

// take waits for the turn and calls f with it. If ctx ends first, it returns an
// error and does not call f.
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

// aside gives up the turn while it calls f. The caller must have the turn, and
// has it again afterwards, even if f panics.
func (t turn) aside(f func()) {
	t.leave()
	defer func() { t.taken <- struct{}{} }()
	f()
}

func (t turn) leave() { <-t.taken }
