// Package pools has workers that serve everyone and are started by a request.
package pools

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"example.com/lives/seen"
)

// A pool grows when a request finds no idle worker.
type pool struct {
	mu   sync.Mutex
	idle int
	jobs chan func()
	wg   sync.WaitGroup
}

func (p *pool) submit() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.idle == 0 {
		p.idle++
		started := make(chan struct{})
		go p.worker(started)
		<-started
	}
}

func (p *pool) worker(started chan<- struct{}) {
	seen.Says("pool: worker that says it has started")
	started <- struct{}{}
	for {
		select {
		case f := <-p.jobs:
			f()
		case <-time.After(time.Minute):
			return
		}
	}
}

// ready is a WaitGroup, but it tells the beginning.
func (p *pool) warm() {
	var ready sync.WaitGroup
	for i := 0; i < 2; i++ {
		ready.Add(1)
		go func() {
			seen.Says("pool: warm workers with a ready WaitGroup")
			ready.Done()
			for f := range p.jobs {
				f()
			}
		}()
	}
	ready.Wait()
}

// All workers end when Close is called.
func (p *pool) grow() {
	p.wg.Add(1)
	go func() {
		defer p.wg.Done()
		seen.Says("pool: WaitGroup that Close waits for")
		for f := range p.jobs {
			f()
		}
	}()
}

func (p *pool) Close() { close(p.jobs); p.wg.Wait() }

// An idle worker ends, but serves whoever comes until then.
func (p *pool) spare() {
	go func() {
		seen.Says("pool: worker with an idle time-out")
		t := time.NewTimer(time.Minute)
		defer t.Stop()
		for {
			select {
			case f, ok := <-p.jobs:
				if !ok {
					return
				}
				f()
				t.Reset(time.Minute)
			case <-t.C:
				return
			}
		}
	}()
}

type task interface{ run() }

type drainer struct{ more atomic.Bool }

func (d *drainer) run() {
	seen.Says("pool: loop on an atomic flag, behind an interface")
	for d.more.Load() {
		time.Sleep(time.Minute)
	}
}

var tasks = map[string]func(){}

// The functions of a map.
func fromMap() {
	tasks["sweep"] = func() {
		seen.Says("pool: closure out of a map")
		for range time.Tick(time.Minute) {
		}
	}
	go tasks["sweep"]()
}

// A semaphore bounds how many run, not how long.
func dispatch(queue chan int, slots chan struct{}) {
	slots <- struct{}{}
	go func() {
		defer func() { <-slots }()
		seen.Says("pool: consumer that holds a slot")
		for range queue {
		}
	}()
}

// A dispatcher starts workers of its own, after the request.
func (p *pool) supervise() {
	go func() {
		seen.Says("pool: supervisor")
		for {
			done := make(chan bool)
			go func() {
				defer close(done)
				seen.Says("pool: worker of the supervisor")
				<-p.jobs
			}()
			<-done
		}
	}()
}

type generic[T any] struct{ in chan T }

func (g *generic[T]) pump() {
	seen.Says("pool: generic pump")
	for v := range g.in {
		_ = v
	}
}

func start[T any](in chan T) {
	go func() {
		seen.Says("pool: generic function")
		for {
			if _, ok := <-in; !ok {
				return
			}
		}
	}()
}

// The stages of a pipeline that is built once.
func stage(in <-chan int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		seen.Says("pool: stage of a pipeline that is kept")
		for v := range in {
			out <- v * 2
		}
	}()
	return out
}

var kept <-chan int

func batches(in chan string, flush func([]string)) {
	var batch []string
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	seen.Says("pool: batcher with a ticker")
	for {
		select {
		case s := <-in:
			batch = append(batch, s)
			if len(batch) < 100 {
				continue
			}
		case <-tick.C:
		}
		flush(batch)
		batch = batch[:0]
	}
}

// One that a cancelled context ends, but the process's.
func consume(ctx context.Context, in chan string) {
	seen.Says("pool: consumer under the process's context")
	for {
		select {
		case <-ctx.Done():
			return
		case <-in:
		}
	}
}

var background, stop = context.WithCancel(context.Background())

// Stop ends what background is for.
func Stop() { stop() }

// Handle starts everything.
func Handle(w http.ResponseWriter, r *http.Request) {
	p := &pool{jobs: make(chan func())}
	p.submit()
	p.warm()
	p.grow()
	p.spare()
	d := &drainer{}
	d.more.Store(true)
	var t task = d
	go t.run()
	fromMap()
	dispatch(make(chan int), make(chan struct{}, 2))
	p.supervise()
	g := &generic[int]{make(chan int)}
	go g.pump()
	start(make(chan string))
	kept = stage(make(chan int))
	in := make(chan string)
	go batches(in, func([]string) {})
	go consume(background, in)
}
