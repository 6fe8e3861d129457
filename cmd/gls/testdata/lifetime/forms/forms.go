// Package forms has further goroutines that outlive the request that starts
// them, and two that do not.
package forms

import (
	"context"
	"net/http"
	"sync"
	"time"

	"example.com/lives/forms/ext"
	"example.com/lives/seen"
)

var stop = make(chan bool)

// Case 1: a worker that says when it is ready, and ends when its queue is
// closed.
type pool struct {
	once sync.Once
	jobs chan func()
}

func (p *pool) grow() {
	ready := make(chan struct{})
	go p.work(ready)
	<-ready
}
func (p *pool) work(ready chan struct{}) {
	seen.Says("form: 01 pool worker with ready channel")
	close(ready)
	for {
		j, ok := <-p.jobs
		if !ok {
			return
		}
		j()
	}
}

// Case 2: the same as a literal
func (p *pool) grow2() {
	ready := make(chan struct{})
	go func() {
		seen.Says("form: 02 literal worker with ready channel")
		close(ready)
		for {
			j, ok := <-p.jobs
			if !ok {
				return
			}
			j()
		}
	}()
	<-ready
}

// Case 3: a lazily dialled connection, whose reader tells the result of the
// handshake
type conn struct{ in chan string }

func (c *conn) read(errc chan error) {
	seen.Says("form: 03 connection reader with errc")
	errc <- nil
	for {
		s, ok := <-c.in
		if !ok {
			return
		}
		_ = s
	}
}
func dial() *conn {
	c := &conn{in: make(chan string)}
	errc := make(chan error, 1)
	go c.read(errc)
	if err := <-errc; err != nil {
		return nil
	}
	return c
}

// Case 4: another package's loop, started lazily from a handler
var lazy *ext.Pool
var lazyMu sync.Mutex

func getPool() *ext.Pool {
	lazyMu.Lock()
	defer lazyMu.Unlock()
	if lazy == nil {
		lazy = &ext.Pool{Jobs: make(chan func())}
		go lazy.Serve()
	}
	return lazy
}

// Case 5: another package's pinger
func connect() { go ext.Ping(stop) }

// Case 6: sync.Once with a method value
type flusher struct{ once sync.Once }

func (f *flusher) start() { go f.run() }
func (f *flusher) run() {
	seen.Says("form: 06 once.Do(f.start) flusher")
	f.cycle()
}
func (f *flusher) cycle() {
	for f.step() {
	}
}
func (f *flusher) step() bool { time.Sleep(time.Hour); return true }
func (f *flusher) use()       { f.once.Do(f.start) }

// Case 7: loop through an interface
type looper interface{ loop() }
type impl struct{}

func (impl) loop() {
	seen.Says("form: 07 loop behind an interface")
	select {}
}

var theLooper looper = impl{}

// Case 8: loop in a nested block of a helper
func guarded() {
	defer func() { recover() }()
	if true {
		inner8()
	}
}
func inner8() {
	seen.Says("form: 08 loop two calls down, in an if")
	for {
		time.Sleep(time.Hour)
	}
}

// Case 9: loop with a condition
var running = true

func cond() {
	seen.Says("form: 09 for running { … }")
	for running {
		time.Sleep(time.Hour)
	}
}

// Case 10: dial that looks like a gRPC handler, and a goroutine of another
// package Options are a client's.
type Options struct{}

// A Client has a pool.
type Client struct{ p *ext.Pool }

// Dial looks like a gRPC method.
func Dial(ctx context.Context, o *Options) (*Client, error) {
	c := &Client{&ext.Pool{Jobs: make(chan func())}}
	go func() {
		seen.Says("form: 10 func(ctx, *Options) (*Client, error)")
		c.p.Serve()
	}()
	return c, nil
}

// Case 11: recursion by timer
func again() {
	seen.Says("form: 11 time.AfterFunc that re-arms itself")
	time.AfterFunc(time.Hour, again)
}

// Case 12: cache janitor for map entry, select without loop
func janitor() {
	seen.Says("form: 12 waits for a channel of the process")
	<-stop
}

// Case 13: range over a channel parameter
func consume(ch chan func()) {
	seen.Says("form: 13 range over a channel parameter")
	for f := range ch {
		f()
	}
}

var jobs13 = make(chan func())

// Case 14: range over a local channel that is stored
type bus struct{ ch chan int }

func newBus() *bus {
	ch := make(chan int)
	b := &bus{ch}
	go func() {
		seen.Says("form: 14 range over local channel that a struct keeps")
		for range ch {
		}
	}()
	return b
}

// ---- 15: WaitGroup of a struct, waited for at shutdown
type server struct {
	wg   sync.WaitGroup
	quit chan bool
}

func (s *server) ensure() {
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		seen.Says("form: 15 WaitGroup of a struct, other method waits")
		<-s.quit
	}()
}
func (s *server) close() { close(s.quit); s.wg.Wait() }

// Case 16: select with time-out on done: the goroutine goes on
func slow() {
	done := make(chan bool, 1)
	go func() {
		seen.Says("form: 16 abandoned after a time-out, in a loop with an exit")
		for {
			if !running {
				done <- true
				return
			}
			time.Sleep(time.Hour)
		}
	}()
	select {
	case <-done:
	case <-time.After(time.Millisecond):
	}
}

// Case 17: http.Server started lazily
func lazyServer() {
	srv := &http.Server{Addr: "127.0.0.1:0", Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	go func() {
		seen.Says("form: 17 go srv.ListenAndServe")
		srv.ListenAndServe()
	}()
}

// Case 18: goroutine in a handler that runs for ever, with goto
func gotoLoop() {
	seen.Says("form: 18 loop made of goto")
again:
	time.Sleep(time.Hour)
	goto again
}

// Case 19: recursion
func recursive() {
	seen.Says("form: 19 endless recursion")
	time.Sleep(time.Hour)
	recursive()
}

// Case 20: sync.OnceFunc, and sync.Once by a helper
var startOnce = sync.OnceFunc(func() {
	go func() {
		seen.Says("form: 20 OnceFunc")
		<-stop
	}()
})

// Case 21: a lazy singleton, if x == nil, whose loop leaves at an error
var single *conn

func getSingle() *conn {
	if single == nil {
		single = &conn{in: make(chan string)}
		go single.pump()
	}
	return single
}
func (c *conn) pump() {
	seen.Says("form: 21 lazy singleton's pump, same package")
	for {
		if _, ok := <-c.in; !ok {
			return
		}
	}
}

// Case 22: loop in a closure variable
func closureVar() {
	f := func() {
		seen.Says("form: 22 loop in a func variable")
		for {
			time.Sleep(time.Hour)
		}
	}
	go f()
}

// Case 23: loop in a deferred call
func deferredLoop() {
	seen.Says("form: 23 loop in a deferred call")
	defer func() {
		for {
			time.Sleep(time.Hour)
		}
	}()
}

// Case 24: assigned call, err := run()
func assigned() {
	err := runLoop24()
	_ = err
}
func runLoop24() error {
	seen.Says("form: 24 err := loop()")
	for {
		select {
		case <-stop:
			return nil
		case <-time.After(time.Hour):
		}
	}
}

// Case 25: return loop()
func returned() error { return runLoop25() }
func runLoop25() error {
	seen.Says("form: 25 return loop()")
	for {
		time.Sleep(time.Hour)
	}
}

// Case 27 and 28: right to inherit
func fanOut() {
	var wg sync.WaitGroup
	for i := 0; i < 2; i++ {
		wg.Add(1)
		go func() { defer wg.Done(); seen.Says("form: 27 fan-out +") }()
	}
	wg.Wait()
}

// Handle starts everything.
func Handle(w http.ResponseWriter, r *http.Request) {
	p := &pool{jobs: make(chan func())}
	p.grow()
	p.grow2()
	dial()
	getPool()
	connect()
	(&flusher{}).use()
	go theLooper.loop()
	go guarded()
	go cond()
	Dial(context.Background(), &Options{})
	time.AfterFunc(0, again)
	go janitor()
	go consume(jobs13)
	newBus()
	(&server{quit: make(chan bool)}).ensure()
	slow()
	lazyServer()
	go gotoLoop()
	go recursive()
	startOnce()
	getSingle()
	closureVar()
	go deferredLoop()
	go assigned()
	go returned()
	fanOut()
	go func() { seen.Says("form: 28 audit after the response +") }()
	go http.ListenAndServe("127.0.0.1:0", nil)
}
