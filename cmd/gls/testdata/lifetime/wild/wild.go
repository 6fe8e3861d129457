// Package wild has goroutines that outlive the request, as they stand in
// clients, caches, pools and servers.
package wild

import (
	"context"
	"errors"
	"io"
	"iter"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"example.com/lives/seen"
)

var (
	tick  = time.NewTicker(time.Hour)
	calm  = make(chan struct{})  // never closed
	words = make(chan string)    // whatever comes
	wakes = make(chan bool, 100) // never sent on
)

func pause() { <-tick.C }

// A client has a connection with what runs beside it.
type client struct {
	mu      sync.Mutex
	conn    net.Conn
	in      chan string
	quit    chan struct{}
	running atomic.Bool
	busy    int32
	started bool
	drained chan struct{}
	timer   *time.Timer
	subs    map[string]chan string
	lease   time.Time
	queue   []string
	err     error
}

// The channel is closed only if the handshake fails.
func (c *client) connect() error {
	done := make(chan struct{})
	go c.keepAlive(done)
	if err := c.handshake(); err != nil {
		close(done)
		return err
	}
	return nil
}

func (c *client) handshake() error { return c.err }

func (c *client) keepAlive(done chan struct{}) {
	seen.Says("wild: stopped only if the handshake fails")
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
	}
}

// What closes the channel reads a connection itself.
func (c *client) read(conn io.Reader) {
	lines := make(chan []byte)
	go func() {
		seen.Says("wild: reads a connection for another goroutine")
		defer close(lines)
		for {
			buf := make([]byte, 100)
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			lines <- buf[:n]
		}
	}()
	go func() {
		seen.Says("wild: takes what the reader of a connection sends")
		for l := range lines {
			_ = l
		}
	}()
}

// The outer one waits for inner ones without an end.
func (c *client) supervise() {
	go func() {
		seen.Says("wild: waits for workers without an end")
		var wg sync.WaitGroup
		for range 2 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				seen.Says("wild: one of the workers")
				for range c.in {
				}
			}()
		}
		wg.Wait()
		close(c.drained)
	}()
}

func (c *client) nested() {
	go func() {
		seen.Says("wild: waits for a goroutine without an end")
		done := make(chan struct{})
		go func() {
			defer close(done)
			seen.Says("wild: and that goroutine")
			<-c.quit
		}()
		<-done
	}()
}

func (c *client) grouped(ctx context.Context) {
	go func() {
		seen.Says("wild: waits for a group with a loop in it")
		var g errgroup.Group
		g.Go(func() error { return nil })
		g.Go(func() error { return c.pump() })
		_ = g.Wait()
	}()
}

func (c *client) pump() error {
	for {
		select {
		case s := <-c.in:
			c.queue = append(c.queue, s)
		case <-c.quit:
			return nil
		}
	}
}

// The counter counts what goes wrong.
func (c *client) health() {
	seen.Says("wild: until three checks have failed")
	for failures := 0; failures < 3; {
		pause()
		if c.handshake() != nil {
			failures++
		}
	}
}

func (c *client) idle() {
	seen.Says("wild: until nothing has come for a minute")
	last := time.Now()
	for time.Since(last) < time.Minute {
		select {
		case <-c.in:
			last = time.Now()
		case <-time.After(time.Second):
		}
	}
}

// Others extend the lease.
func (c *client) held() {
	seen.Says("wild: until a lease that others extend has passed")
	for time.Now().Before(c.lease) {
		time.Sleep(time.Hour)
	}
}

func (c *client) untilConnected() {
	seen.Says("wild: goes on until it is connected")
	for {
		if err := c.handshake(); err != nil {
			time.Sleep(time.Hour)
			continue
		}
		return
	}
}

func (c *client) deaf(ctx context.Context) {
	seen.Says("wild: looks at the context only when it is ready")
	for {
		if c.conn == nil {
			time.Sleep(time.Hour)
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-c.in:
		}
	}
}

func (c *client) reluctant(ctx context.Context) {
	seen.Says("wild: ends with its context if nothing is queued")
	for {
		select {
		case <-ctx.Done():
			if len(c.queue) == 0 {
				return
			}
			time.Sleep(time.Hour)
		case <-tick.C:
		}
	}
}

func (c *client) breaks(ctx context.Context) {
	seen.Says("wild: a break that leaves only the select")
	for {
		select {
		case <-ctx.Done():
			break
		case <-tick.C:
		}
	}
}

// Any case but the end leaves.
func (c *client) picky() {
	seen.Says("wild: leaves the loop when a certain word comes")
	for {
		w, ok := <-words
		if ok && w == "stop" {
			return
		}
	}
}

// The refresh is for everybody who reads the cache.
type entry struct {
	value   atomic.Pointer[string]
	fresh   atomic.Bool
	loading atomic.Bool
	mu      sync.Mutex
	loads   int
}

func (e *entry) get(load func() string) *string {
	if !e.fresh.Load() && e.loading.CompareAndSwap(false, true) {
		go func() {
			seen.Says("wild: refreshes a cache, one at a time")
			defer e.loading.Store(false)
			v := load()
			e.value.Store(&v)
		}()
	}
	return e.value.Load()
}

func (e *entry) warm(load func() string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.loads > 0 {
		return
	}
	e.loads++
	go func() {
		seen.Says("wild: fills a cache, the first who comes")
		v := load()
		e.value.Store(&v)
	}()
}

// A batch is sent a moment after the first has been put.
type batch struct {
	mu    sync.Mutex
	items []string
	armed bool
}

func (b *batch) put(s string) {
	b.mu.Lock()
	b.items = append(b.items, s)
	if !b.armed {
		b.armed = true
		go b.flushSoon()
	}
	b.mu.Unlock()
}

func (b *batch) flushSoon() {
	time.Sleep(time.Millisecond)
	seen.Says("wild: flushes what all have put")
	b.mu.Lock()
	b.items, b.armed = nil, false
	b.mu.Unlock()
}

// The timer is set again by whoever comes.
type debouncer struct {
	mu    sync.Mutex
	timer *time.Timer
}

func (d *debouncer) trigger() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil {
		d.timer.Reset(time.Millisecond)
		return
	}
	d.timer = time.NewTimer(time.Millisecond)
	go func() {
		seen.Says("wild: waits for a timer that others set again")
		<-d.timer.C
	}()
}

// A watcher of a key, one for all.
type watchers struct{ m sync.Map }

func (w *watchers) watch(key string) {
	if _, loaded := w.m.LoadOrStore(key, true); loaded {
		return
	}
	go func() {
		seen.Says("wild: one watcher a key")
		for {
			if _, ok := w.m.Load(key); !ok {
				return
			}
			pause()
		}
	}()
}

// The old run ends when the next one starts.
type runner struct {
	stop chan struct{}
	on   bool
}

func (r *runner) restart() {
	if r.on {
		r.stop <- struct{}{}
	}
	r.on = true
	go func() {
		seen.Says("wild: ends when the next one starts")
		<-r.stop
	}()
}

// Lazy makes a value when it is first asked for.
type lazy[T any] struct {
	once sync.Once
	make func() T
	v    T
}

func (l *lazy[T]) get() T {
	l.once.Do(func() { l.v = l.make() })
	return l.v
}

var shared = &lazy[*client]{make: func() *client {
	go func() { seen.Says("wild: started by a lazy value") }()
	return &client{}
}}

var byValue = sync.OnceValue(func() *client {
	c := &client{in: make(chan string)}
	go func() {
		seen.Says("wild: started by a OnceValue")
		for s := range c.in {
			_ = s
		}
	}()
	return c
})

// Whoever comes first lists for all.
func flight(g *singleflight.Group) {
	_, _, _ = g.Do("list", func() (any, error) {
		go func() {
			seen.Says("wild: keeps the result of a flight fresh")
			for range tick.C {
			}
		}()
		return nil, nil
	})
}

// A method that an interface in a struct supplies.
type follower interface{ follow() }

type stream struct{}

func (stream) follow() {
	seen.Says("wild: method of an embedded interface")
	for range words {
	}
}

type session struct{ follower }

// Closures in fields.
type hooks struct {
	onOpen  []func()
	onClose map[string]func()
	run     func(context.Context) error
}

func (h *hooks) open() {
	for _, f := range h.onOpen {
		go f()
	}
}

func newHooks() *hooks {
	h := &hooks{onClose: map[string]func(){}}
	h.onOpen = append(h.onOpen, func() {
		seen.Says("wild: hook in a list")
		<-calm
	})
	h.run = h.loop
	return h
}

func (h *hooks) loop(ctx context.Context) error {
	seen.Says("wild: method value in a field")
	for {
		select {
		case <-tick.C:
		default:
			pause()
		}
	}
}

// An option is a method value.
type option func(*client)

func withRefresh(every time.Duration) option {
	return func(c *client) {
		go func() {
			seen.Says("wild: started by an option")
			for t := time.NewTicker(every); ; <-t.C {
				c.mu.Lock()
				c.busy++
				c.mu.Unlock()
			}
		}()
	}
}

func dial(opts ...option) *client {
	c := &client{in: make(chan string), quit: make(chan struct{}), drained: make(chan struct{}), subs: map[string]chan string{}}
	for _, o := range opts {
		o(c)
	}
	return c
}

// The channel is that of a subscriber, kept in a map.
func (c *client) subscribe(topic string) <-chan string {
	ch := make(chan string, 1)
	c.subs[topic] = ch
	go func() {
		seen.Says("wild: deliverer of a subscription")
		for s := range ch {
			_ = s
		}
	}()
	return ch
}

// A generator goes on without its consumer.
func (c *client) events() iter.Seq[string] {
	return func(yield func(string) bool) {
		for s := range c.in {
			if !yield(s) {
				return
			}
		}
	}
}

func (c *client) consume() {
	seen.Says("wild: goes over a function that receives")
	for s := range c.events() {
		if s == "" {
			break
		}
	}
}

func (c *client) labelled() {
	seen.Says("wild: labelled loops")
outer:
	for {
		for i := 0; i < 3; i++ {
			if c.handshake() == nil {
				time.Sleep(time.Hour)
				continue outer
			}
		}
		break
	}
}

func (c *client) jumps() {
	seen.Says("wild: goes back with a goto in a switch")
again:
	switch err := c.handshake(); {
	case err == nil:
		time.Sleep(time.Hour)
		goto again
	case errors.Is(err, io.EOF):
		return
	}
}

// It calls itself with another pause.
func (c *client) retry(d time.Duration) {
	seen.Says("wild: calls itself with a jittered delay")
	time.Sleep(time.Hour)
	c.retry(d - rand.N(d/2))
}

func (c *client) fork() *client { return &client{in: c.in} }

func (c *client) succeed() {
	seen.Says("wild: its successor goes on")
	time.Sleep(time.Hour)
	c.fork().succeed()
}

func (c *client) rearm(d time.Duration) {
	time.AfterFunc(d, func() {
		seen.Says("wild: a timer whose function sets another")
		c.rearm(time.Hour)
	})
}

// A second generation of the same name.
func generations() {
	wg := &sync.WaitGroup{}
	wg.Add(1)
	go func(wg *sync.WaitGroup) {
		defer wg.Done()
		seen.Says("wild: waits for another generation of the group")
		<-calm
	}(wg)
	wg = &sync.WaitGroup{}
	wg.Wait()
}

// A pipe's reader.
func pipes() io.Writer {
	pr, pw := io.Pipe()
	go func() {
		seen.Says("wild: reads a pipe")
		buf := make([]byte, 100)
		pr.Read(buf)
	}()
	return pw
}

func datagrams(c *net.UDPConn) {
	go func() {
		seen.Says("wild: waits for a datagram")
		buf := make([]byte, 100)
		_, _, _, _, _ = c.ReadMsgUDPAddrPort(buf, nil)
	}()
}

// The context is that of a job of the process, under a time-out.
func (c *client) background() {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		seen.Says("wild: cancelled only if nothing is left to do")
		<-ctx.Done()
	}()
	if len(c.queue) > 0 {
		defer cancel()
	}
	context.AfterFunc(context.Background(), cancel)
}

// A hub has one goroutine for all rooms.
type hub struct {
	join, leave chan *session
	rooms       map[*session]bool
}

func (h *hub) serve() {
	seen.Says("wild: hub with select in a labelled loop")
loop:
	for {
		select {
		case s := <-h.join:
			h.rooms[s] = true
		case s, ok := <-h.leave:
			if !ok {
				break loop
			}
			delete(h.rooms, s)
		}
	}
}

// A ring of connections; each dials in the place of the one that fails.
type ring struct{ free chan net.Conn }

func (r *ring) fill() {
	go func() {
		seen.Says("wild: keeps a pool of connections full")
		for {
			a, b := net.Pipe()
			select {
			case r.free <- a:
			case <-calm:
				b.Close()
				return
			}
		}
	}()
}

// The first error is waited for, the rest goes on.
func firstOf(fs ...func() error) error {
	errc := make(chan error, len(fs))
	for _, f := range fs {
		go func() { errc <- f() }()
	}
	return <-errc
}

// Of two copies one is waited for: the other side may go on.
func switchProtocols(a, b net.Conn) error {
	errc := make(chan error, 2)
	go func() {
		seen.Says("wild: copies until the other side ends")
		_, err := io.Copy(a, b)
		errc <- err
	}()
	go func() {
		seen.Says("wild: copies the other way")
		_, err := io.Copy(b, a)
		errc <- err
	}()
	return <-errc
}

// And of three senders two.
func twoOfThree(a, b net.Conn, more bool) {
	errc := make(chan error, 3)
	cp := func(dst, src net.Conn) {
		seen.Says("wild: copies, and two of three are waited for")
		_, err := io.Copy(dst, src)
		errc <- err
	}
	go cp(a, b)
	if more {
		go cp(b, a)
	}
	go cp(a, a)
	for range 2 {
		<-errc
	}
}

// A generic loop.
func every[T any](in <-chan T, f func(T)) {
	for {
		select {
		case v, ok := <-in:
			if !ok {
				in = nil
				continue
			}
			f(v)
		case <-calm:
			return
		}
	}
}

// Handle starts everything.
func Handle(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	c := dial(withRefresh(time.Hour))
	_ = c.connect()
	mine, other := net.Pipe()
	_ = other
	c.read(mine)
	c.supervise()
	c.nested()
	c.grouped(ctx)
	go c.health()
	go c.idle()
	go c.held()
	c.err = nil
	failing := &client{err: io.EOF}
	go failing.untilConnected()
	go c.deaf(ctx)
	go c.reluctant(ctx)
	go c.breaks(ctx)
	go c.picky()
	e := &entry{}
	e.get(func() string { return "" })
	e.warm(func() string { return "" })
	(&batch{}).put("")
	(&debouncer{}).trigger()
	(&watchers{}).watch("key")
	(&runner{stop: make(chan struct{}, 1)}).restart()
	shared.get()
	byValue()
	flight(&singleflight.Group{})
	s := session{stream{}}
	go s.follow()
	h := newHooks()
	h.open()
	go h.run(ctx)
	c.subscribe("topic")
	go c.consume()
	go c.labelled()
	go c.jumps()
	go c.retry(time.Minute)
	go c.succeed()
	c.rearm(0)
	go generations()
	pipes()
	if conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err == nil {
		datagrams(conn)
	}
	c.background()
	go (&hub{rooms: map[*session]bool{}}).serve()
	(&ring{free: make(chan net.Conn)}).fill()
	_ = firstOf(func() error { return nil }, func() error {
		seen.Says("wild: the slower of two")
		<-calm
		return nil
	})
	ended, c2 := net.Pipe()
	c2.Close()
	_ = switchProtocols(ended, mine)
	go twoOfThree(mine, mine, true)
	c.odd(ctx)
	go every(words, func(string) {})
	go func() {
		seen.Says("wild: generic loop, in a literal")
		every(wakes, func(bool) {})
	}()
}
