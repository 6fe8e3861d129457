package fetch

import (
	"slices"
	"sync"
	"time"
)

// A Gate decides which jobs may run at the same time in a process. Most jobs
// may always run. A suspect is a job that was in flight when a process died for
// an unknown reason. It has a limit on the number of jobs that may run at the
// same time, including itself: the fewer jobs were running at a death, the more
// is known about its cause.
//
// While a suspect is inside or waits, no other job is let in, because otherwise
// the suspect would never get its turn in a busy process. Suspects enter in the
// order in which they came.
//
// The zero Gate is open. It may be used from any goroutine.
type Gate struct {
	mu      sync.Mutex
	shut    bool          // whether no job may enter any more; guarded by mu
	inside  int           // jobs that run; guarded by mu
	limits  []int         // of the suspects among them; guarded by mu
	waiting []*entrant    // suspects, in order; guarded by mu
	opened  chan struct{} // closed when the Gate opens; nil while no job waits for that; guarded by mu
}

// An entrant is a suspect that waits.
type entrant struct {
	limit int
	in    chan struct{} // closed when it is let in
}

// MaxSuspects is the maximum number of suspects that may wait at a Gate. Others
// should go to another process.
const MaxSuspects = 16

// Open reports whether a job that is not a suspect would be let in.
func (g *Gate) Open() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.open()
}

// open is Open. mu must be held.
func (g *Gate) open() bool { return len(g.limits) == 0 && len(g.waiting) == 0 && !g.shut }

// Shut closes the Gate for good, because the process is about to die.
func (g *Gate) Shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = true
}

// Enter lets in a job that is not a suspect. If necessary it waits for the Gate
// to open, until patience is over or stop is closed. It reports whether the job
// was let in; if so, the job must Leave, with limit 0.
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

// try lets in a job that is not a suspect, or returns a channel that is closed
// when it is worth trying again.
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

// An Outcome is the result of EnterSuspect.
type Outcome int

// The Outcomes.
const (
	Entered Outcome = iota
	Crowded         // too many suspects wait already
	TooLong         // patience is over
	Stopped         // stop is closed
)

// EnterSuspect lets in a suspect as soon as at most limit jobs, including
// itself, would be inside. It gives up when patience is over, when stop is
// closed, or at once if too many suspects wait. If the Outcome is Entered, the
// suspect must Leave, with the same limit.
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

// queue adds a suspect to the waiting ones or lets it in. It returns nil if too
// many wait.
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

// withdraw removes e from the waiting suspects and reports whether it was one
// of them.
func (g *Gate) withdraw(e *entrant) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, e)
	if i < 0 {
		return false
	}
	g.waiting = slices.Delete(g.waiting, i, i+1)
	g.admit() // the suspects behind it, or all jobs
	return true
}

// Leave records that a job has ended. limit is the limit of a suspect, or 0.
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

// admit lets in the suspects that fit, in order, and notifies the jobs that
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
