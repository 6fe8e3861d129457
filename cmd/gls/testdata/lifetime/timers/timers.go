// Package timers has janitors, flushers and timers that re-arm themselves.
package timers

import (
	"context"
	"net/http"
	"sync"
	"time"

	"example.com/lives/seen"
)

type cache struct {
	mu      sync.Mutex
	entries map[string]time.Time
	timer   *time.Timer
	quit    chan struct{}
	once    sync.Once
	dirty   chan struct{}
}

// The janitor starts with the first entry.
func (c *cache) put(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = map[string]time.Time{}
		go c.janitor()
	}
	c.entries[key] = time.Now()
}

func (c *cache) janitor() {
	seen.Says("timer: janitor with a ticker")
	t := time.NewTicker(time.Minute)
	defer t.Stop()
	for range t.C {
		c.sweep()
	}
}

func (c *cache) sweep() {
	for k, at := range c.entries {
		if time.Since(at) > time.Hour {
			delete(c.entries, k)
		}
	}
}

// A timer that its own function sets again.
func (c *cache) expire() {
	seen.Says("timer: AfterFunc of a method that sets it again")
	c.sweep()
	time.AfterFunc(time.Minute, c.expire)
}

func (c *cache) resetting() {
	c.timer = time.AfterFunc(0, func() {
		seen.Says("timer: Reset in its own function")
		c.timer.Reset(time.Hour)
	})
}

func resettingLocal() {
	var t *time.Timer
	set := make(chan bool)
	t = time.AfterFunc(time.Millisecond, func() {
		<-set
		seen.Says("timer: local one, Reset in its own function")
		t.Reset(time.Hour)
	})
	close(set)
}

// A debouncer: what one request starts, the next prolongs.
func (c *cache) touch() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if debounce != nil {
		debounce.Reset(time.Millisecond)
		return
	}
	debounce = time.AfterFunc(time.Millisecond, func() { seen.Says("timer: debounced flush that serves all") })
}

var debounce *time.Timer

// Two functions that set each other.
func tick() { seen.Says("timer: tick and tock"); time.AfterFunc(time.Minute, tock) }
func tock() { time.AfterFunc(time.Minute, tick) }

// A poller with a condition.
type poller struct{ stopped bool }

func (p *poller) poll() {
	seen.Says("timer: poller with a condition")
	for !p.stopped {
		time.Sleep(time.Minute)
	}
}

// One that goes to sleep between tries, with a goto.
func (p *poller) retry() {
	seen.Says("timer: goto")
retry:
	if !p.stopped {
		time.Sleep(time.Minute)
		goto retry
	}
}

func (c *cache) startFlusher() { go c.flusher() }

func (c *cache) flusher() {
	seen.Says("timer: flusher by once.Do and a method value")
	for {
		select {
		case <-c.dirty:
		case <-c.quit:
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// Once, in a function that ends; it works for all.
func (c *cache) warmOnce() {
	warmed.Do(func() {
		go func() {
			seen.Says("timer: warms the cache, once")
		}()
	})
}

var warmed sync.Once

// A deadline is extended by each use.
func (c *cache) extended(renew chan bool) {
	go func() {
		seen.Says("timer: lease that others renew")
		for {
			select {
			case <-renew:
			case <-time.After(time.Minute):
				return
			}
		}
	}()
}

// A flag of a loop that is a variable of the package.
var alive = true

func metrics() error {
	for i := 0; alive; i++ {
		time.Sleep(time.Minute)
	}
	return nil
}

func report() {
	seen.Says("timer: metrics pusher, err := …")
	if err := metrics(); err != nil {
		panic(err)
	}
}

// A function in a variable of the package.
var rotate = func() {
	seen.Says("timer: function in a variable")
	for {
		time.Sleep(time.Hour)
	}
}

// Other names for the same thing.
func refresh(every time.Duration) func() {
	return func() {
		seen.Says("timer: function that a function returns")
		for {
			time.Sleep(every)
		}
	}
}

// At shut-down.
func cleanUp(ctx context.Context) {
	context.AfterFunc(ctx, func() {})
	go func() {
		seen.Says("timer: waits for the shut-down")
		<-ctx.Done()
	}()
}

// Ends by a panic only.
func must() {
	seen.Says("timer: leaves by panic only")
	for {
		time.Sleep(time.Hour)
		if !alive {
			panic("dead")
		}
	}
}

// A condition variable.
type queue struct {
	mu    sync.Mutex
	ready *sync.Cond
	items []int
}

func (q *queue) take() {
	seen.Says("timer: waits for a condition variable")
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == 0 {
		q.ready.Wait()
	}
	q.items = q.items[1:]
}

// Handle starts everything.
func Handle(w http.ResponseWriter, r *http.Request) {
	c := &cache{quit: make(chan struct{}), dirty: make(chan struct{})}
	c.put("key")
	time.AfterFunc(0, c.expire)
	c.resetting()
	resettingLocal()
	c.touch()
	time.AfterFunc(0, tick)
	p := &poller{}
	go p.poll()
	go p.retry()
	c.once.Do(c.startFlusher)
	c.warmOnce()
	c.extended(make(chan bool))
	go report()
	go rotate()
	go refresh(time.Hour)()
	cleanUp(root)
	go must()
	q := &queue{}
	q.ready = sync.NewCond(&q.mu)
	go q.take()
}

var root = context.Background()
