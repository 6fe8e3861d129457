// Package daily has goroutines as services start them every day: some for the
// request, some for everyone.
package daily

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"example.com/lives/seen"
)

// Hooks are set by options.
type hooks struct {
	onStart func(context.Context)
	onEvent map[string]func(string)
	tick    func()
}

type option func(*hooks)

func withStart(f func(context.Context)) option { return func(h *hooks) { h.onStart = f } }
func withTick(f func()) option                 { return func(h *hooks) { h.tick = f } }

func newHooks(opts ...option) *hooks {
	h := &hooks{onEvent: map[string]func(string){}}
	for _, o := range opts {
		o(h)
	}
	return h
}

func (h *hooks) start(ctx context.Context) { go h.onStart(ctx) }
func (h *hooks) ticks()                    { go h.tick() }

// A shipper of logs has a buffer that all fill.
type shipper struct {
	lines   chan string
	started atomic.Bool
	pending []string
	mu      sync.Mutex
	cond    *sync.Cond
	group   *errgroup.Group
	ctx     context.Context
	flight  singleflight.Group
	idle    sync.Map
}

func (s *shipper) ship(line string) {
	if s.started.CompareAndSwap(false, true) {
		go s.loop()
	}
	select {
	case s.lines <- line:
	default:
	}
}

func (s *shipper) loop() {
	seen.Says("daily: log shipper behind an atomic flag")
	for line := range s.lines {
		s.mu.Lock()
		s.pending = append(s.pending, line)
		s.mu.Unlock()
	}
}

func (s *shipper) drain() {
	seen.Says("daily: drains what others have put")
	for {
		s.mu.Lock()
		if len(s.pending) == 0 {
			s.mu.Unlock()
			time.Sleep(time.Hour)
			continue
		}
		s.pending = s.pending[1:]
		s.mu.Unlock()
	}
}

func (s *shipper) upTo() {
	seen.Says("daily: until the queue of all is empty")
	for next := s.take(); next != ""; next = s.take() {
		time.Sleep(time.Hour)
	}
}

func (s *shipper) take() string { time.Sleep(time.Hour); return "" }

func (s *shipper) grouped() {
	s.group, s.ctx = errgroup.WithContext(context.Background())
	s.group.Go(func() error {
		seen.Says("daily: errgroup of the process")
		<-s.ctx.Done()
		return nil
	})
}

func (s *shipper) perKey(key string) {
	if _, loaded := s.idle.LoadOrStore(key, true); !loaded {
		go func() {
			seen.Says("daily: one goroutine a key")
			for {
				if _, ok := s.idle.Load(key); !ok {
					return
				}
				time.Sleep(time.Hour)
			}
		}()
	}
}

func (s *shipper) once(key string) (any, error) {
	v, err, _ := s.flight.Do(key, func() (any, error) {
		done := make(chan struct{})
		go func() {
			seen.Says("daily: started by a flight, waits for the process")
			close(done)
			<-s.ctx.Done()
		}()
		<-done
		return 1, nil
	})
	return v, err
}

func follow(name string) {
	f, err := os.Open(name)
	if err != nil {
		return
	}
	go func() {
		defer f.Close()
		seen.Says("daily: follows a file")
		r := bufio.NewReader(f)
		for {
			line, err := r.ReadString('\n')
			if errors.Is(err, io.EOF) {
				time.Sleep(time.Hour)
				continue
			}
			if err != nil {
				return
			}
			slog.Info(line)
		}
	}()
}

func untilItWorks(connect func() error) {
	seen.Says("daily: until it works")
	for err := connect(); err != nil; err = connect() {
		time.Sleep(time.Hour)
	}
}

func connected(connect func() bool) {
	seen.Says("daily: for !ok")
	ok := false
	for !ok {
		time.Sleep(time.Hour)
		ok = connect()
	}
}

func stopSignal() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	go func() {
		defer stop()
		seen.Says("daily: until the process is interrupted")
		<-ctx.Done()
	}()
}

func hosts(list []string, probe func(string) bool) {
	seen.Says("daily: goes round a list")
	for i := 0; i < len(list); i++ {
		probe(list[i])
		time.Sleep(time.Hour)
		if i == len(list)-1 {
			i = -1
		}
	}
}

type requests struct{ in chan chan string }

func (r *requests) serve() {
	seen.Says("daily: answers on channels")
	for {
		reply, ok := <-r.in
		if !ok {
			break
		}
		reply <- "x"
	}
}

type base struct{ stop chan struct{} }

func (b *base) run() {
	seen.Says("daily: method of an embedded struct")
	for {
		select {
		case <-b.stop:
			return
		default:
			time.Sleep(time.Hour)
		}
	}
}

type derived struct{ *base }

func safely(f func()) {
	go func() {
		defer func() {
			if p := recover(); p != nil {
				slog.Error("panic", "value", p)
			}
		}()
		f()
	}()
}

type closer struct {
	done chan struct{}
	wg   sync.WaitGroup
}

func (c *closer) start(n int) {
	for range n {
		c.wg.Go(func() {
			seen.Says("daily: WaitGroup.Go of a struct")
			<-c.done
		})
	}
}

func (c *closer) Close() { close(c.done); c.wg.Wait() }

func labelled(in <-chan time.Time) {
	seen.Says("daily: labelled break")
loop:
	for {
		select {
		case _, ok := <-in:
			if !ok {
				break loop
			}
		}
	}
}

var registry = map[string]func(){}

func register(name string, f func()) { registry[name] = f }

func runAll() {
	for _, f := range registry {
		go f()
	}
}

type lease struct{ renew *time.Timer }

func (l *lease) keep() {
	l.renew = time.NewTimer(time.Millisecond)
	go func() {
		seen.Says("daily: keeps a lease")
		for {
			<-l.renew.C
			l.renew.Reset(time.Hour)
		}
	}()
}

func watchDeadline(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	go func() {
		defer cancel()
		seen.Says("daily: deadline of a request +")
		<-ctx.Done()
	}()
}

type order struct {
	id    string
	items []string
	total atomic.Int64
	errs  chan error
	wg    sync.WaitGroup
}

// A struct that lives as long as its request.
func (o *order) price(ctx context.Context) error {
	for _, i := range o.items {
		o.wg.Add(1)
		go func(item string) {
			defer o.wg.Done()
			seen.Says("daily: prices the items of an order +")
			o.total.Add(int64(len(item)))
		}(i)
	}
	o.wg.Wait()
	return ctx.Err()
}

func (o *order) confirm(send func(context.Context, string) error) {
	go func() {
		seen.Says("daily: confirms by mail +")
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		var err error
		for try := range 3 {
			if err = send(ctx, o.id); err == nil {
				return
			}
			time.Sleep(time.Duration(try) * time.Millisecond)
		}
		slog.Error("confirm", "order", o.id, "err", err)
	}()
}

func (o *order) save(w io.Writer) {
	go func() {
		seen.Says("daily: saves as JSON +")
		enc := json.NewEncoder(w)
		enc.SetIndent("", "\t")
		if err := enc.Encode(map[string]any{"id": o.id, "items": o.items}); err != nil {
			slog.Error("save", "err", err)
		}
	}()
}

func words(text string) {
	go func() {
		seen.Says("daily: scans a text +")
		n := 0
		for s := bufio.NewScanner(strings.NewReader(text)); s.Scan(); {
			n++
		}
		slog.Debug(fmt.Sprint(n))
	}()
}

func parse(text string) {
	go func() {
		seen.Says("daily: parses +")
		pos := 0
		for {
			i := strings.IndexByte(text[pos:], ' ')
			if i < 0 {
				break
			}
			pos += i + 1
		}
		for pos > 0 && pos <= len(text) && text[pos-1] == ' ' {
			pos = pos - 1
		}
	}()
}

func prefetch(ctx context.Context, keys []string, get func(context.Context, string) (string, error)) map[string]string {
	var (
		mu  sync.Mutex
		out = map[string]string{}
	)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2)
	for _, k := range keys {
		g.Go(func() error {
			seen.Says("daily: prefetches +")
			v, err := get(ctx, k)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			out[k] = v
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil
	}
	return out
}

func together(fs map[string]func() error) error {
	errs := make(chan error, len(fs))
	for name, f := range fs {
		go func() {
			seen.Says("daily: functions of a map, collected +")
			if err := f(); err != nil {
				errs <- fmt.Errorf("%s: %w", name, err)
				return
			}
			errs <- nil
		}()
	}
	var all []error
	for range fs {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}

// Handle starts everything.
func Handle(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	h := newHooks(withStart(func(ctx context.Context) {
		seen.Says("daily: hook of an option")
		<-make(chan int)
	}), withTick(func() {
		seen.Says("daily: ticking hook of an option")
		for range time.Tick(time.Hour) {
		}
	}))
	h.start(ctx)
	h.ticks()
	s := &shipper{lines: make(chan string, 1)}
	s.ship("x")
	go s.drain()
	go s.upTo()
	s.grouped()
	s.perKey("k")
	_, _ = s.once("k")
	follow("/dev/null")
	go untilItWorks(func() error { return errors.New("no") })
	go connected(func() bool { return false })
	stopSignal()
	go hosts([]string{"a"}, func(string) bool { return true })
	go (&requests{make(chan chan string)}).serve()
	go derived{&base{make(chan struct{})}}.run()
	safely(func() { seen.Says("daily: helper that is given a loop and a task"); <-make(chan int) })
	safely(func() {})
	c := &closer{done: make(chan struct{})}
	c.start(2)
	go labelled(make(chan time.Time))
	register("sweep", func() {
		seen.Says("daily: registered function")
		for {
			time.Sleep(time.Hour)
		}
	})
	runAll()
	(&lease{}).keep()

	watchDeadline(ctx, time.Minute)
	o := &order{id: "1", items: []string{"a", "b"}}
	_ = o.price(ctx)
	o.confirm(func(context.Context, string) error { return nil })
	o.save(io.Discard)
	words("a b c")
	parse("a b c")
	prefetch(ctx, []string{"a"}, func(_ context.Context, k string) (string, error) { return k, nil })
	_ = together(map[string]func() error{"a": func() error { return nil }})
}
