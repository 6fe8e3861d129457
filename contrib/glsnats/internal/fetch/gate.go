package fetch

import (
	"slices"
	"sync"
	"time"
)

// A Gate decides which jobs may run beside each other in a process. Most may
// always. A suspect, a job that was in flight when a process died and nobody
// knows why, comes with the most that may run while it does, itself included:
// the smaller the company that a job dies in, the more is known about who is
// guilty.
//
// While a suspect is inside, or waits, nobody else is let in: in a busy process
// it would otherwise never get its turn. Suspects enter in the order in which
// they came.
//
// The zero Gate is open. It may be used from any goroutine.
type Gate struct {
	mu      sync.Mutex
	shut    bool          // nobody enters any more; guarded by mu
	inside  int           // jobs that run; guarded by mu
	limits  []int         // of the suspects among them; guarded by mu
	waiting []*entrant    // suspects, in order; guarded by mu
	opened  chan struct{} // never sent to; closed when the Gate opens; nil while nobody waits for that; guarded by mu
}

// An entrant is a suspect that waits.
type entrant struct {
	limit int
	in    chan struct{} // closed when it is let in
}

// MaxSuspects is how many suspects may wait at a Gate. More are better off in
// another process.
const MaxSuspects = 16

// Open reports whether a job that is no suspect would be let in.
func (g *Gate) Open() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.open()
}

// open is Open. mu must be held.
func (g *Gate) open() bool { return len(g.limits) == 0 && len(g.waiting) == 0 && !g.shut }

// Shut lets nobody in any more: the process is about to die.
func (g *Gate) Shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = true
}

// Enter lets a job in that is no suspect, if need be after the Gate has opened,
// for which it waits until patience is over or stop is closed. It reports
// whether it did; the job must Leave then, with limit 0.
func (g *Gate) Enter(patience time.Duration, stop <-chan struct{}) bool {
	opened, ok := g.try()
	if ok {
		return true
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case <-opened:
		case <-timer.C:
			return false
		case <-stop:
			return false
		}
		if opened, ok = g.try(); ok {
			return true
		}
	}
}

// try lets a job in that is no suspect, or returns what is closed when it is
// worth trying again.
func (g *Gate) try() (opened <-chan struct{}, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open() {
		g.inside++
		return nil, true
	}
	if g.opened == nil {
		g.opened = make(chan struct{})
	}
	return g.opened, false
}

// An Outcome is how it ended that a suspect wanted to enter.
type Outcome int

// The Outcomes.
const (
	Entered Outcome = iota
	Crowded         // too many wait already
	TooLong         // patience is over
	Stopped         // stop is closed
)

// EnterSuspect lets a suspect in as soon as no more than limit jobs are inside,
// itself included. It gives up when patience is over, when stop is closed, or
// at once if too many wait. If it is Entered, the suspect must Leave, with the
// same limit.
func (g *Gate) EnterSuspect(limit int, patience time.Duration, stop <-chan struct{}) Outcome {
	e := g.queue(limit)
	if e == nil {
		return Crowded
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	end := TooLong
	select {
	case <-e.in:
		return Entered
	case <-timer.C:
	case <-stop:
		end = Stopped
	}
	if !g.withdraw(e) {
		return Entered // meanwhile
	}
	return end
}

// queue has a suspect wait, or lets it in. It returns nil if too many wait.
func (g *Gate) queue(limit int) *entrant {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) >= MaxSuspects {
		return nil
	}
	e := &entrant{limit: limit, in: make(chan struct{})}
	g.waiting = append(g.waiting, e)
	g.admit()
	return e
}

// withdraw has e wait no longer and reports whether it still did.
func (g *Gate) withdraw(e *entrant) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, e)
	if i < 0 {
		return false
	}
	g.waiting = slices.Delete(g.waiting, i, i+1)
	g.admit() // those behind it, or everybody
	return true
}

// Leave notes that a job has ended. limit is that of a suspect, or 0.
func (g *Gate) Leave(limit int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	if limit > 0 {
		i := slices.Index(g.limits, limit)
		g.limits = slices.Delete(g.limits, i, i+1)
	}
	if limit > 0 || len(g.waiting) > 0 {
		g.admit()
	}
}

// admit lets suspects in that fit, the first one first, and tells those that
// wait for the Gate to open. mu must be held.
func (g *Gate) admit() {
	for len(g.waiting) > 0 && !g.shut {
		e := g.waiting[0]
		least := e.limit
		if len(g.limits) > 0 {
			least = min(least, slices.Min(g.limits))
		}
		if g.inside+1 > least {
			return
		}
		g.waiting = g.waiting[1:]
		g.limits = append(g.limits, e.limit)
		g.inside++
		close(e.in)
	}
	if g.open() && g.opened != nil {
		close(g.opened)
		g.opened = nil
	}
}
