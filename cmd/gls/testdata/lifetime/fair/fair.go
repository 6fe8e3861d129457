// Package fair has further goroutines that end with what they are started for.
package fair

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"text/template"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"example.com/lives/seen"
)

type service struct {
	client *http.Client
	base   *url.URL
	repo   repository
	log    *log.Logger
	sem    *semaphore.Weighted
	hits   atomic.Int64
	cache  sync.Map
	mu     sync.RWMutex
	stats  map[string]int
}

type repository interface {
	find(ctx context.Context, id string) (string, error)
	all(ctx context.Context) iter.Seq2[string, error]
}

type rows struct{ names []string }

func (r *rows) find(ctx context.Context, id string) (string, error) {
	for _, n := range r.names {
		if n == id {
			return n, nil
		}
	}
	return "", errors.New("not found")
}

func (r *rows) all(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, n := range r.names {
			if !yield(n, nil) {
				return
			}
		}
	}
}

// Two queries at a time.
func (s *service) page(ctx context.Context) error {
	var a, b string
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		seen.Says("fair: page, first query +")
		a, err = s.repo.find(ctx, "a")
		return err
	})
	g.Go(func() (err error) {
		seen.Says("fair: page, second query +")
		b, err = s.repo.find(ctx, "b")
		return err
	})
	if err := g.Wait(); err != nil {
		return fmt.Errorf("page: %s%s: %w", a, b, err)
	}
	return nil
}

func (s *service) count(key string) {
	go func() {
		seen.Says("fair: counts +")
		s.hits.Add(1)
		s.cache.Store(key, time.Now())
		s.mu.Lock()
		defer s.mu.Unlock()
		s.stats[key]++
	}()
}

func (s *service) export(ctx context.Context) {
	go func() {
		seen.Says("fair: iterator over rows +")
		for name, err := range s.repo.all(ctx) {
			if err != nil {
				s.log.Print(err)
				return
			}
			s.log.Print(name)
		}
	}()
}

func (s *service) post(ctx context.Context, v any) {
	body, _ := json.Marshal(v)
	go func() {
		seen.Says("fair: posts with a context of its own +")
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base.String(), bytes.NewReader(body))
		if err != nil {
			s.log.Print(err)
			return
		}
		resp, err := s.client.Do(req)
		if err != nil {
			return
		}
		defer resp.Body.Close()
		if resp.StatusCode >= 300 {
			var fault struct{ Message string }
			_ = json.NewDecoder(resp.Body).Decode(&fault)
			return
		}
		io.Copy(io.Discard, resp.Body)
	}()
}

func (s *service) weighted(ctx context.Context) error {
	if err := s.sem.Acquire(ctx, 1); err != nil {
		return err
	}
	go func() {
		defer s.sem.Release(1)
		seen.Says("fair: weighted semaphore +")
	}()
	return nil
}

func (s *service) thumbnails(ctx context.Context, names []string) {
	var wg sync.WaitGroup
	errs := make(chan error, len(names))
	for _, n := range names {
		wg.Add(1)
		go func(n string) {
			defer wg.Done()
			seen.Says("fair: a process with the request's context +")
			if err := exec.CommandContext(ctx, "true", n).Run(); err != nil {
				errs <- err
			}
		}(n)
	}
	go func() { wg.Wait(); close(errs) }()
	for err := range errs {
		s.log.Print(err)
	}
}

func (s *service) convert(ctx context.Context, name string) {
	go func() {
		seen.Says("fair: a process, not waited for, with the request's context +")
		out, err := exec.CommandContext(ctx, "true", name).CombinedOutput()
		s.log.Print(string(out), err)
	}()
}

func (s *service) imports(text string) {
	r := csv.NewReader(strings.NewReader(text))
	go func() {
		seen.Says("fair: reads a text to its end +")
		records, err := r.ReadAll()
		s.log.Print(len(records), err)
	}()
}

func (s *service) renders(t *template.Template) {
	go func() {
		seen.Says("fair: renders +")
		f, err := os.CreateTemp("", "x")
		if err != nil {
			return
		}
		defer os.Remove(f.Name())
		defer f.Close()
		if err := t.Execute(f, nil); err != nil {
			s.log.Print(err)
		}
	}()
}

// Backoff has a limit.
func (s *service) retries(ctx context.Context) {
	go func() {
		seen.Says("fair: backs off, within limits +")
		delay := time.Millisecond
		for attempt := 1; attempt <= 3; attempt++ {
			if _, err := s.repo.find(ctx, "a"); err == nil {
				return
			}
			select {
			case <-time.After(delay):
				delay *= 2
			case <-ctx.Done():
				return
			}
		}
	}()
}

func (s *service) chunks(ids []string) {
	go func() {
		seen.Says("fair: in chunks +")
		for len(ids) > 0 {
			n := min(10, len(ids))
			s.log.Print(ids[:n])
			ids = ids[n:]
		}
	}()
}

// A stack of steps, the last first.
type saga struct{ undo []func() }

func (g *saga) add(f func()) { g.undo = append(g.undo, f) }

func recovers(log *log.Logger, f func()) {
	defer func() {
		if p := recover(); p != nil {
			log.Print(p)
		}
	}()
	f()
}

func (s *service) guarded() {
	go recovers(s.log, func() { seen.Says("fair: guarded +") })
}

func quicksort(a []int) {
	if len(a) < 2 {
		return
	}
	p := a[0]
	i := 0
	for j := 1; j < len(a); j++ {
		if a[j] < p {
			i++
			a[i], a[j] = a[j], a[i]
		}
	}
	a[0], a[i] = a[i], a[0]
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		seen.Says("fair: sorts in parallel +")
		quicksort(a[:i])
	}()
	quicksort(a[i+1:])
	wg.Wait()
}

func background(a []int) {
	go func() {
		seen.Says("fair: starts a parallel sort +")
		quicksort(a)
	}()
}

// A result that is asked for later.
type promise[T any] struct {
	done chan struct{}
	v    T
}

func promised[T any](f func() T) *promise[T] {
	p := &promise[T]{done: make(chan struct{})}
	go func() {
		defer close(p.done)
		seen.Says("fair: promise +")
		p.v = f()
	}()
	return p
}

func (p *promise[T]) wait() T { <-p.done; return p.v }

func race(ctx context.Context, ask ...func(context.Context) (string, error)) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type answer struct {
		s   string
		err error
	}
	answers := make(chan answer, len(ask))
	for _, f := range ask {
		go func() {
			s, err := f(ctx)
			answers <- answer{s, err}
		}()
	}
	var last error
	for range ask {
		select {
		case a := <-answers:
			if a.err == nil {
				return a.s, nil
			}
			last = a.err
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	return "", last
}

func pipeline(ctx context.Context, in []int) (sum int) {
	source := make(chan int)
	squares := make(chan int)
	go func() {
		defer close(source)
		seen.Says("fair: pipeline, source +")
		for _, n := range in {
			select {
			case source <- n:
			case <-ctx.Done():
				return
			}
		}
	}()
	go func() {
		defer close(squares)
		seen.Says("fair: pipeline, stage +")
		for n := range source {
			squares <- n * n
		}
	}()
	for n := range squares {
		sum += n
	}
	return sum
}

func progress(w io.Writer, work func(report func(string))) {
	lines := make(chan string)
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		seen.Says("fair: printer of progress +")
		for l := range lines {
			fmt.Fprintln(w, l)
		}
	}()
	work(func(l string) { lines <- l })
	close(lines)
	wg.Wait()
}

func ticks(ctx context.Context, w io.Writer) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		seen.Says("fair: ticks while the function works +")
		t := time.NewTicker(time.Minute)
		defer t.Stop()
		for {
			select {
			case <-done:
				return
			case <-t.C:
				fmt.Fprint(w, ".")
			}
		}
	}()
	close(done)
	wg.Wait()
}

type task interface{ run(context.Context) error }
type step func(context.Context) error

func (s step) run(ctx context.Context) error { return s(ctx) }

func all(ctx context.Context, tasks []task) (err error) {
	var (
		wg   sync.WaitGroup
		once sync.Once
	)
	for _, t := range tasks {
		wg.Add(1)
		go func(t task) {
			defer wg.Done()
			if e := t.run(ctx); e != nil {
				once.Do(func() { err = e })
			}
		}(t)
	}
	wg.Wait()
	return err
}

// A tree of values, as JSON has them.
func keys(v any, add func(string)) {
	switch v := v.(type) {
	case map[string]any:
		for k, sub := range v {
			add(k)
			keys(sub, add)
		}
	case []any:
		for _, sub := range v {
			keys(sub, add)
		}
	}
}

type category struct{ children []*category }

func (c *category) size() (n int) {
	for _, child := range c.children {
		n += child.size()
	}
	return n + 1
}

func trees(c *category) {
	go func() {
		seen.Says("fair: trees +")
		keys(map[string]any{"a": []any{1}}, func(string) {})
		c.size()
	}()
}

// Handle starts everything.
func Handle(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	s := &service{
		client: http.DefaultClient, base: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}, repo: &rows{[]string{"a", "b"}},
		log: log.New(io.Discard, "", 0), sem: semaphore.NewWeighted(2), stats: map[string]int{},
	}
	_ = s.page(ctx)
	trees(&category{})
	s.count("x")
	s.export(ctx)
	s.post(ctx, "x")
	_ = s.weighted(ctx)
	s.thumbnails(ctx, []string{"x"})
	s.convert(ctx, "x")
	s.imports("a,b\n")
	s.renders(template.Must(template.New("x").Parse("x")))
	s.retries(ctx)
	s.chunks([]string{"a"})
	s.guarded()
	background([]int{3, 1, 2})
	promised(func() int { return 1 }).wait()
	race(ctx, func(context.Context) (string, error) { seen.Says("fair: race +"); return "x", nil })
	pipeline(ctx, []int{1, 2})
	progress(io.Discard, func(report func(string)) { report("x") })
	ticks(ctx, io.Discard)
	_ = all(ctx, []task{step(func(context.Context) error { seen.Says("fair: tasks +"); return nil })})
}
