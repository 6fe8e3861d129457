// Package waits has functions that wait for the goroutines that they start.
package waits

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/lives/seen"
)

func waitGroup() {
	var wg sync.WaitGroup
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			seen.Says("wait: WaitGroup +")
		}()
	}
	wg.Wait()
}

func waitGroupGo(f func()) {
	var wg sync.WaitGroup
	wg.Go(func() { seen.Says("wait: WaitGroup.Go +") })
	wg.Go(f)
	wg.Wait()
}

func named(wg *sync.WaitGroup) {
	defer wg.Done()
	seen.Says("wait: WaitGroup passed to a function +")
}

func passes() {
	wg := new(sync.WaitGroup)
	wg.Add(1)
	go named(wg)
	wg.Wait()
}

func channel() error {
	errc := make(chan error)
	go func() {
		seen.Says("wait: error channel +")
		errc <- work()
	}()
	return <-errc
}

func work() error { return nil }

func results() (sum int) {
	results := make(chan int)
	for i := range 3 {
		go func() {
			seen.Says("wait: result channel +")
			results <- i * i
		}()
	}
	for range 3 {
		sum += <-results
	}
	return sum
}

type result struct {
	n   int
	err error
}

func compute(n int, out chan<- result) {
	seen.Says("wait: function with a result channel +")
	if n < 0 {
		out <- result{err: errors.New("negative")}
		return
	}
	out <- result{n: n}
}

func collects() {
	out := make(chan result, 2)
	go compute(1, out)
	go compute(-1, out)
	for range cap(out) {
		if r := <-out; r.err != nil {
			continue
		}
	}
}

func closer(urls []string) (all []string) {
	found := make(chan string)
	var wg sync.WaitGroup
	for _, u := range urls {
		wg.Add(1)
		go func(u string) {
			defer wg.Done()
			seen.Says("wait: workers, a closer and a range +")
			found <- u
		}(u)
	}
	go func() {
		wg.Wait()
		seen.Says("wait: the closer +")
		close(found)
	}()
	for s := range found {
		all = append(all, s)
	}
	return all
}

func pool(ctx context.Context, items []string) {
	jobs := make(chan string)
	var wg sync.WaitGroup
	for range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			seen.Says("wait: workers of a request +")
			for j := range jobs {
				_ = j
			}
		}()
	}
	for _, i := range items {
		jobs <- i
	}
	close(jobs)
	wg.Wait()
}

func group(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for range 2 {
		g.Go(func() error {
			seen.Says("wait: errgroup +")
			return ctx.Err()
		})
	}
	return g.Wait()
}

func groupWithLoop(ctx context.Context, items []int) error {
	g, ctx := errgroup.WithContext(ctx)
	in := make(chan int)
	g.Go(func() error {
		defer close(in)
		seen.Says("wait: errgroup, producer +")
		for _, i := range items {
			select {
			case in <- i:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	g.Go(func() error {
		seen.Says("wait: errgroup, consumer +")
		for range in {
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return fmt.Errorf("group: %w", err)
	}
	return nil
}

func deferredWait() {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Add(1)
	go func() {
		defer wg.Done()
		seen.Says("wait: deferred Wait +")
	}()
}

func semaphore(items []int) {
	slots := make(chan struct{}, 2)
	var wg sync.WaitGroup
	for range items {
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer func() { <-slots; wg.Done() }()
			seen.Says("wait: semaphore and WaitGroup +")
		}()
	}
	wg.Wait()
}

func fill(items []int) {
	slots := make(chan struct{}, 2)
	for range items {
		slots <- struct{}{}
		go func() {
			defer func() { <-slots }()
			seen.Says("wait: semaphore that is filled at the end +")
		}()
	}
	for range cap(slots) {
		slots <- struct{}{}
	}
}

func timeOut(ctx context.Context) error {
	done := make(chan error, 1)
	go func() {
		seen.Says("wait: select with the request's end +")
		done <- work()
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Second):
		return errors.New("time-out")
	}
}

func firstOf() string {
	out := make(chan string, 2)
	for _, s := range []string{"a", "b"} {
		go func() {
			seen.Says("wait: the first answer wins +")
			out <- s
		}()
	}
	return <-out
}

func parallel(fs ...func()) {
	var wg sync.WaitGroup
	wg.Add(len(fs))
	for _, f := range fs {
		go func() {
			defer wg.Done()
			f()
		}()
	}
	wg.Wait()
}

func interfaces(s store) (err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		seen.Says("wait: call through an interface +")
		err = s.save("x")
	}()
	<-done
	return err
}

type store interface{ save(string) error }
type memory struct{ all []string }

func (m *memory) save(s string) error { m.all = append(m.all, s); return nil }

type fetcher struct{ wg sync.WaitGroup }

func (f *fetcher) all() {
	for range 2 {
		f.wg.Add(1)
		go f.one()
	}
	f.wg.Wait()
}

func (f *fetcher) one() {
	defer f.wg.Done()
	seen.Says("wait: WaitGroup in a field, waited for here +")
}

func helper() {
	var wg sync.WaitGroup
	run := func(f func()) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			f()
		}()
	}
	run(func() { seen.Says("wait: local helper +") })
	run(func() {})
	wg.Wait()
}

func future(f func() int) func() int {
	out := make(chan int, 1)
	go func() {
		seen.Says("wait: future +")
		out <- f()
	}()
	return func() int { return <-out }
}

func mapped[T, R any](in []T, f func(T) R) []R {
	out := make([]R, len(in))
	var wg sync.WaitGroup
	for i, v := range in {
		wg.Add(1)
		go func() {
			defer wg.Done()
			out[i] = f(v)
		}()
	}
	wg.Wait()
	return out
}

// Handle starts everything.
func Handle(w http.ResponseWriter, r *http.Request) {
	waitGroup()
	waitGroupGo(func() {})
	passes()
	_ = channel()
	results()
	collects()
	closer([]string{"a", "b"})
	pool(r.Context(), []string{"a"})
	_ = group(r.Context())
	_ = groupWithLoop(r.Context(), []int{1, 2})
	deferredWait()
	semaphore([]int{1})
	fill([]int{1})
	_ = timeOut(r.Context())
	firstOf()
	parallel(func() { seen.Says("wait: functions in parallel +") }, func() {})
	_ = interfaces(&memory{})
	(&fetcher{}).all()
	helper()
	future(func() int { return 1 })()
	mapped([]int{1}, func(n int) int { seen.Says("wait: generic map +"); return n })
}
