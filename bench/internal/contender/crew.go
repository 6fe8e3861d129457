package contender

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A Crew is a number of goroutines that are all in one Case and run its loop at
// the same time when told to. Its methods must be called by one goroutine.
type Crew struct {
	work []chan int         // one a member: how often to loop
	took chan time.Duration // from each member
	wait *sync.WaitGroup    // for the members' end
	lot  *atomic.Int64      // members that are ready to loop
}

// NewCrew starts size goroutines and puts each into the Case that prepare makes
// of it. When NewCrew returns they are ready.
func NewCrew(size int, prepare func(run func(Loop))) *Crew {
	c := &Crew{took: make(chan time.Duration), wait: new(sync.WaitGroup), lot: new(atomic.Int64)}
	var ready sync.WaitGroup
	for i := 0; i < size; i++ {
		work := make(chan int)
		c.work = append(c.work, work)
		ready.Add(1)
		c.wait.Add(1)
		go func() {
			defer c.wait.Done()
			prepare(func(loop Loop) {
				ready.Done()
				c.serve(loop, work, int64(size))
			})
		}()
	}
	ready.Wait()
	return c
}

// serve is the life of a member.
func (c *Crew) serve(loop Loop, work <-chan int, size int64) {
	for n := range work {
		// Wait for the others by spinning, because waking up takes longer than a round.
		c.lot.Add(1)
		for c.lot.Load()%size != 0 {
			runtime.Gosched()
		}
		start := time.Now()
		loop(n)
		c.took <- time.Since(start)
	}
}

// Time makes every member loop n times and returns the average time that a
// member took.
func (c *Crew) Time(n int) time.Duration {
	for _, work := range c.work {
		work <- n
	}
	var sum time.Duration
	for range c.work {
		sum += <-c.took
	}
	return sum / time.Duration(len(c.work))
}

// Dismiss ends the members, which clean up.
func (c *Crew) Dismiss() {
	for _, work := range c.work {
		close(work)
	}
	c.wait.Wait()
}

// A Crowd is a number of goroutines that hold what a Contender's Hold binds, or
// nothing, until they are told to end. Its methods must be called by one
// goroutine.
type Crowd struct {
	hold func(park func())
	size int
	gone *sync.WaitGroup
	exit chan struct{}
}

// NewCrowd returns an empty crowd. A nil hold makes goroutines that hold
// nothing.
func NewCrowd(hold func(park func())) *Crowd {
	if hold == nil {
		hold = func(park func()) { park() }
	}
	return &Crowd{hold: hold, gone: new(sync.WaitGroup), exit: make(chan struct{})}
}

// Grow starts goroutines until there are size of them, and returns when all of
// them hold their binding.
func (c *Crowd) Grow(size int) {
	var ready sync.WaitGroup
	// One closure for all: what is counted later is what they hold.
	exit := c.exit
	park := func() {
		ready.Done()
		<-exit
	}
	gone := c.gone
	member := func() {
		c.hold(park)
		gone.Done()
	}
	for ; c.size < size; c.size++ {
		ready.Add(1)
		gone.Add(1)
		go member()
	}
	ready.Wait()
}

// Leave ends the goroutines of the crowd, which may then Grow again.
func (c *Crowd) Leave() {
	close(c.exit)
	c.gone.Wait()
	c.size, c.exit = 0, make(chan struct{})
}
