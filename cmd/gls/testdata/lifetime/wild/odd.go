package wild

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"example.com/lives/seen"
)

// Counters that do not get there.
func (c *client) backwards() {
	seen.Says("wild: a counter that goes back")
	for i := 0; i < 3; i++ {
		time.Sleep(time.Hour)
		if c.handshake() == nil {
			i--
		}
	}
}

func (c *client) capped() {
	seen.Says("wild: a delay that is capped below its bound")
	for d := time.Second; d < time.Hour; d = min(2*d, time.Minute) {
		pause()
	}
}

func next(d time.Duration) time.Duration { return min(2*d, time.Minute) }

func (c *client) cappedElsewhere() {
	seen.Says("wild: a delay that a function caps")
	for d := time.Second; d < time.Hour; d = next(d) {
		pause()
	}
}

func (c *client) ring(n int) {
	seen.Says("wild: a number that goes round")
	for i := 0; i < n; i = (i + 1) % 3 {
		pause()
	}
}

func (c *client) modulo(n int) {
	seen.Says("wild: a rest of a number")
	for i := 0; i < n; {
		i = i % 3
		pause()
	}
}

// A function beside the loop sets the counter back.
func (c *client) forgiven(success func(func())) {
	failures := 0
	success(func() { failures = 0 })
	go func() {
		seen.Says("wild: a counter that another function sets back")
		for failures < 3 {
			failures++
			pause()
		}
	}()
}

// The loop is behind an interface, in a type that is embedded.
type server interface{ Serve(net.Listener) error }

type quick struct{}

func (quick) Serve(net.Listener) error { return nil }

type wrapped struct{ *http.Server }

func serve(s server, l net.Listener) {
	go func() {
		seen.Says("wild: serves behind an interface, by embedding")
		_ = s.Serve(l)
	}()
}

var servers = []server{quick{}, wrapped{&http.Server{}}}

type acceptor interface{ Accept() (net.Conn, error) }

type nobody struct{}

func (nobody) Accept() (net.Conn, error) { return nil, nil }

type limited struct{ net.Listener }

func accept(a acceptor) {
	go func() {
		seen.Says("wild: accepts behind an interface, by embedding")
		_, _ = a.Accept()
	}()
}

var acceptors = []acceptor{nobody{}, limited{}}

func asExpression(f follower) {
	run := follower.follow
	go func() {
		seen.Says("wild: method expression of an interface")
		run(f)
	}()
}

func all(fs ...func()) {
	for _, f := range fs {
		f()
	}
}

func (c *client) amongOthers() {
	go func() {
		seen.Says("wild: one of several functions that are given")
		all(func() {}, c.health)
	}()
}

type looper interface{ loop() }

type endless struct{}

func (endless) loop() {
	for {
		pause()
	}
}

func run[T looper](t T) { t.loop() }

func drive[T interface{ loop() }](t T) { t.loop() }

func constrained() {
	go func() {
		seen.Says("wild: method of a type parameter")
		run(endless{})
	}()
	go func() {
		seen.Says("wild: method of a type parameter without a name")
		drive(endless{})
	}()
}

// The group is passed on in a struct.
type task struct {
	wg *sync.WaitGroup
	in chan string
}

func (t task) work() {
	defer t.wg.Done()
	for range t.in {
	}
}

func (c *client) inStruct() {
	go func() {
		seen.Says("wild: waits for workers that have the group in a struct")
		var wg sync.WaitGroup
		wg.Add(1)
		t := task{wg: &wg, in: c.in}
		go t.work()
		wg.Wait()
	}()
}

// Connected when it is first needed; the caller has the lock.
type connection struct {
	mu    sync.Mutex
	ready chan struct{}
	notes []string
}

func (c *connection) use(s string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ensure()
	c.notes = append(c.notes, s)
}

func (c *connection) ensure() {
	if c.ready != nil {
		return
	}
	c.ready = make(chan struct{})
	go func() {
		seen.Says("wild: connects when it is first needed")
		time.Sleep(time.Millisecond)
		close(c.ready)
	}()
}

// A map goes over functions that loop.
func (c *client) each() {
	var m sync.Map
	m.Store("a", c)
	go func() {
		seen.Says("wild: a loop in what a map calls")
		m.Range(func(k, v any) bool {
			for {
				pause()
			}
		})
	}()
}

// The context is one of several.
func (c *client) eitherContext(ctx context.Context, async bool) {
	if async {
		ctx = context.Background()
	}
	go func() {
		seen.Says("wild: the context is sometimes that of the process")
		<-ctx.Done()
	}()
}

// The goroutine counts itself, so that Wait may pass it by.
func uncounted() {
	var wg sync.WaitGroup
	go func() {
		wg.Add(1)
		defer wg.Done()
		seen.Says("wild: counts itself")
		<-calm
	}()
	wg.Wait()
}

// The goroutine waits for its own worker, of which nothing is known, with two
// means.
func (c *client) twice(unknown []func() error) {
	go func() {
		seen.Says("wild: waits twice for what is not known")
		errs := make(chan error, 1)
		var wg sync.WaitGroup
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs <- unknown[0]()
		}()
		<-errs
		wg.Wait()
	}()
}

// The group of all, under another name.
type office struct {
	wg   sync.WaitGroup
	room map[string]*sync.WaitGroup
}

func (o *office) drain() {
	o.wg.Add(1)
	go func() {
		seen.Says("wild: waits for everybody's group, by a pointer")
		wg := &o.wg
		wg.Wait()
	}()
}

func (o *office) group(name string) *sync.WaitGroup {
	if o.room[name] == nil {
		o.room[name] = &sync.WaitGroup{}
		o.room[name].Add(1)
	}
	return o.room[name]
}

func (o *office) drainRoom() {
	go func() {
		seen.Says("wild: waits for a group that a function returns")
		wg := o.group("x")
		wg.Wait()
	}()
}

// Flags that a function asks, or a switch.
type refresher struct {
	mu      sync.Mutex
	running atomic.Bool
	begun   bool
	state   int
}

func (r *refresher) tryStart() bool { return r.running.CompareAndSwap(false, true) }

func (r *refresher) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.begun {
		return false
	}
	r.begun = true
	return true
}

func (r *refresher) refresh() {
	if !r.tryStart() {
		return
	}
	go func() {
		defer r.running.Store(false)
		seen.Says("wild: a function asks the flag")
	}()
}

func (r *refresher) refreshLocked() {
	if r.begin() {
		go func() { seen.Says("wild: a function asks the flag under a lock") }()
	}
}

func (r *refresher) step() {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.state == 0:
		r.state = 1
		go func() { seen.Says("wild: a switch asks the flag") }()
	}
}

func (c *client) rearmed() {
	var beat func()
	beat = func() {
		seen.Says("wild: a function in a variable that has itself run again")
		time.AfterFunc(time.Hour, beat)
	}
	go beat()
}

func (c *client) odd(ctx context.Context) {
	go c.backwards()
	go c.capped()
	go c.cappedElsewhere()
	go c.ring(10)
	go c.modulo(10)
	c.forgiven(func(f func()) { f() })
	for _, s := range servers {
		if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
			serve(s, l)
		}
	}
	accept(acceptors[0])
	asExpression(stream{})
	c.amongOthers()
	constrained()
	c.inStruct()
	(&connection{}).use("x")
	c.each()
	c.eitherContext(ctx, true)
	go uncounted()
	o := &office{room: map[string]*sync.WaitGroup{}}
	o.drain()
	o.drainRoom()
	c.rearmed()
	f := &refresher{}
	f.refresh()
	f.refreshLocked()
	f.step()
	c.twice([]func() error{func() error { <-calm; return nil }})
}
