// Package tame has goroutines that end with the request and look much like
// those of package wild.
package tame

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"example.com/lives/seen"
)

type order struct {
	id    string
	lines []string
	paid  bool
	next  *order
}

type shop struct {
	mu     sync.Mutex
	sold   map[string]int
	orders atomic.Int64
	flight singleflight.Group
	client *http.Client
	url    string
	mailer mailer
	logger *slog.Logger
	slots  chan struct{}
}

type mailer interface {
	mail(ctx context.Context, to string) error
}

type smtp struct{ sent atomic.Int64 }

func (s *smtp) mail(ctx context.Context, to string) error {
	s.sent.Add(1)
	return ctx.Err()
}

// The channel is closed on every way.
func (s *shop) progress(ctx context.Context, o *order) error {
	done := make(chan struct{})
	go func() {
		seen.Says("tame: ticks until the work is done +")
		t := time.NewTicker(time.Millisecond)
		defer t.Stop()
		for {
			select {
			case <-done:
				return
			case <-t.C:
			}
		}
	}()
	defer close(done)
	if o.id == "" {
		return errors.New("no order")
	}
	return s.mailer.mail(ctx, o.id)
}

func (s *shop) stopFunc(o *order) {
	done := make(chan struct{})
	stop := sync.OnceFunc(func() { close(done) })
	defer stop()
	go func() {
		seen.Says("tame: stopped by a function that is deferred +")
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
}

// The source ends by itself, so the sink does.
func (s *shop) lines(text string) {
	lines := make(chan string)
	go func() {
		seen.Says("tame: source of lines +")
		defer close(lines)
		for sc := bufio.NewScanner(strings.NewReader(text)); sc.Scan(); {
			lines <- sc.Text()
		}
	}()
	go func() {
		seen.Says("tame: sink of lines +")
		for l := range lines {
			s.note(l)
		}
	}()
}

func (s *shop) note(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sold[key]++
}

// The outer one waits for inner ones that end.
func (s *shop) fanOut(ctx context.Context, to ...string) {
	go func() {
		seen.Says("tame: waits for its own workers +")
		var wg sync.WaitGroup
		for _, t := range to {
			wg.Add(1)
			go func() {
				defer wg.Done()
				seen.Says("tame: one of these workers +")
				_ = s.mailer.mail(ctx, t)
			}()
		}
		wg.Wait()
	}()
}

func (s *shop) groups(ctx context.Context, to ...string) {
	go func() {
		seen.Says("tame: waits for its own group +")
		g, ctx := errgroup.WithContext(context.WithoutCancel(ctx))
		g.SetLimit(2)
		for _, t := range to {
			g.Go(func() error {
				seen.Says("tame: member of this group +")
				return s.mailer.mail(ctx, t)
			})
		}
		if err := g.Wait(); err != nil {
			s.logger.Error("mail", "err", err)
		}
	}()
}

func (s *shop) answer(ctx context.Context) {
	go func() {
		seen.Says("tame: waits for its own goroutine +")
		res := make(chan error, 1)
		go func() {
			seen.Says("tame: and that goroutine +")
			res <- s.mailer.mail(ctx, "x")
		}()
		select {
		case err := <-res:
			s.logger.Info("mail", "err", err)
		case <-time.After(time.Second):
		}
	}()
}

// Counters of all kinds.
func (s *shop) tries(ctx context.Context) {
	seen.Says("tame: tries again, with a continue +")
	for i := 0; i < 3; i++ {
		if err := s.mailer.mail(ctx, "x"); err != nil {
			s.logger.Error("mail", "err", err)
			continue
		}
		return
	}
}

func (s *shop) attempts(ctx context.Context) {
	seen.Says("tame: counts only what failed, and returns otherwise +")
	failed := 0
	for failed < 3 {
		if err := s.mailer.mail(ctx, "x"); err == nil {
			return
		}
		failed++
	}
}

func merge(a, b []string) (all []string) {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		if a[i] < b[j] {
			all = append(all, a[i])
			i++
		} else {
			all = append(all, b[j])
			j++
		}
	}
	return append(append(all, a[i:]...), b[j:]...)
}

func (s *shop) merges(a, b []string) {
	go func() {
		seen.Says("tame: merges +")
		s.logger.Info("merged", "n", len(merge(a, b)))
	}()
}

func (s *shop) pages(ctx context.Context) {
	go func() {
		seen.Says("tame: pages, at most a hundred +")
		for page := 0; page < 100; page++ {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
			if err != nil {
				return
			}
			resp, err := s.client.Do(req)
			if err != nil {
				return
			}
			var v struct{ Next string }
			err = json.NewDecoder(resp.Body).Decode(&v)
			resp.Body.Close()
			if err != nil || v.Next == "" {
				return
			}
		}
	}()
}

func (s *shop) deadline() {
	go func() {
		seen.Says("tame: until a time that is set +")
		end := time.Now().Add(time.Millisecond)
		for time.Now().Before(end) {
			if s.orders.Load() > 0 {
				return
			}
			time.Sleep(time.Millisecond / 10)
		}
	}()
}

func (s *shop) since() {
	go func() {
		seen.Says("tame: until some time has passed +")
		for start := time.Now(); time.Since(start) < time.Millisecond; {
			time.Sleep(time.Millisecond / 10)
		}
	}()
}

// A work list, whose items add others.
func (s *shop) closure(first *order) {
	go func() {
		seen.Says("tame: a work list that grows and shrinks +")
		for todo := []*order{first}; len(todo) > 0; {
			o := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if o.next != nil {
				todo = append(todo, o.next)
			}
			s.note(o.id)
		}
	}()
}

func (s *shop) all(o *order) iter.Seq[*order] {
	return func(yield func(*order) bool) {
		for ; o != nil; o = o.next {
			if !yield(o) {
				return
			}
		}
	}
}

func (s *shop) ranges(o *order) {
	go func() {
		seen.Says("tame: goes over a function that goes over a list +")
		for o := range s.all(o) {
			s.note(o.id)
		}
	}()
}

// Under a condition, without a flag that others see.
func (s *shop) pay(ctx context.Context, o *order) {
	if o.paid {
		return
	}
	o.paid = true
	go func() {
		seen.Says("tame: after a state of the order has changed +")
		_ = s.mailer.mail(context.WithoutCancel(ctx), o.id)
	}()
}

func (s *shop) visits(ids []string) {
	met := map[string]bool{}
	for _, id := range ids {
		if met[id] {
			continue
		}
		met[id] = true
		go func() {
			seen.Says("tame: one for each that is new in the request +")
			s.note(id)
		}()
	}
}

func (s *shop) sampled(o *order) {
	if s.orders.Add(1)%1 == 0 {
		go func() {
			seen.Says("tame: a sample of the orders +")
			s.note(o.id)
		}()
	}
}

func (s *shop) limited(ctx context.Context) error {
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	go func() {
		defer func() { <-s.slots }()
		seen.Says("tame: gives its slot back +")
		s.note("x")
	}()
	return nil
}

func (s *shop) tryLimited() bool {
	select {
	case s.slots <- struct{}{}:
	default:
		return false
	}
	go func() {
		seen.Says("tame: gives a slot back that was free +")
		s.note("x")
		<-s.slots
	}()
	return true
}

func (s *shop) deduplicated(ctx context.Context, key string) {
	go func() {
		seen.Says("tame: asks through a flight +")
		_, err, _ := s.flight.Do(key, func() (any, error) { return nil, s.mailer.mail(ctx, key) })
		s.logger.Info("flight", "err", err)
	}()
}

// An iterator whose values another goroutine takes.
func parallel[T, R any](in []T, f func(T) R) []R {
	out := make([]R, len(in))
	var wg sync.WaitGroup
	for i, v := range in {
		wg.Go(func() { out[i] = f(v) })
	}
	wg.Wait()
	return out
}

func (s *shop) prices(ids []string) {
	go func() {
		seen.Says("tame: generic fan-out in the background +")
		total := 0
		for _, n := range parallel(ids, func(id string) int { return len(id) }) {
			total += n
		}
		s.logger.Info("total", "n", total)
	}()
}

// Both copies are waited for.
func both(a, b net.Conn) {
	errc := make(chan error, 2)
	go func() {
		seen.Says("tame: copies one way, waited for by two receives +")
		_, err := io.Copy(a, b)
		errc <- err
	}()
	go func() {
		seen.Says("tame: copies the other way +")
		_, err := io.Copy(b, a)
		errc <- err
	}()
	<-errc
	<-errc
}

func bothInLoop(a, b net.Conn) {
	errc := make(chan error, 2)
	cp := func(dst io.Writer, src io.Reader) {
		seen.Says("tame: copies, received in a loop +")
		_, err := io.Copy(dst, src)
		errc <- err
	}
	go cp(a, b)
	go cp(b, a)
	for range 2 {
		if err := <-errc; err != nil {
			slog.Debug("copy", "err", err)
		}
	}
}

// Results by index, gathered by count.
func (s *shop) gather(ids []string) (n int) {
	out := make(chan int)
	for _, id := range ids {
		go func() {
			seen.Says("tame: gathered by as many receives +")
			out <- len(id)
		}()
	}
	for range ids {
		n += <-out
	}
	return n
}

// The middleman of a recorder.
func record(h http.Handler, r *http.Request) int {
	rec := httptest.NewRecorder()
	done := make(chan struct{})
	go func() {
		defer close(done)
		seen.Says("tame: serves a recorder +")
		h.ServeHTTP(rec, r)
	}()
	<-done
	return rec.Code
}

// A recursion down a number.
func (s *shop) halve(n int) {
	if n <= 1 {
		seen.Says("tame: calls itself with half +")
		return
	}
	s.halve(n / 2)
	s.halve(n - n/2)
}

func (s *shop) backoff(left int, d time.Duration) {
	seen.Says("tame: calls itself a few times +")
	if left == 0 || s.orders.Load() > 0 {
		return
	}
	time.Sleep(d)
	s.backoff(left-1, 2*d)
}

// Handle starts everything.
func Handle(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	s := &shop{
		sold: map[string]int{}, client: http.DefaultClient, url: "http://127.0.0.1:1", mailer: &smtp{},
		logger: slog.New(slog.NewTextHandler(io.Discard, nil)), slots: make(chan struct{}, 2),
	}
	o := &order{id: "1", next: &order{id: "2"}}
	_ = s.progress(ctx, o)
	s.stopFunc(o)
	s.lines("a\nb\n")
	s.fanOut(ctx, "a", "b")
	s.groups(ctx, "a", "b")
	s.answer(ctx)
	go s.tries(ctx)
	go s.attempts(ctx)
	s.merges([]string{"a"}, []string{"b"})
	s.pages(ctx)
	s.deadline()
	s.since()
	s.closure(o)
	s.ranges(o)
	s.pay(ctx, o)
	s.visits([]string{"a", "a"})
	s.sampled(o)
	_ = s.limited(ctx)
	s.tryLimited()
	s.deduplicated(ctx, "k")
	s.prices([]string{"a", "b"})
	for _, f := range []func(a, b net.Conn){both, bothInLoop} {
		a, c := net.Pipe()
		b, d := net.Pipe()
		c.Close()
		d.Close()
		f(a, b)
	}
	s.gather([]string{"a", "b"})
	record(http.NotFoundHandler(), r)
	s.odd(ctx)
	go s.halve(8)
	go s.backoff(2, time.Millisecond)
}
