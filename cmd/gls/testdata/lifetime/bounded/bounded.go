// Package bounded has loops that end with the request.
package bounded

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/lives/lib"
	"example.com/lives/seen"
)

func heartBeat(ctx context.Context) {
	go func() {
		seen.Says("bounded: loop until the request ends +")
		t := time.NewTicker(time.Minute)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
		}
	}()
}

func watch(ctx context.Context, cancel func()) {
	seen.Says("bounded: waits for the request's end +")
	<-ctx.Done()
	cancel()
}

func polls(ctx context.Context) error {
	seen.Says("bounded: polls while the context lives +")
	for ctx.Err() == nil {
		if err := lib.Store(ctx, "k", "v"); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Minute):
		}
	}
	return ctx.Err()
}

func until(deadline time.Time) {
	seen.Says("bounded: until a deadline +")
	for time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
}

func withTimeout() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	go func() {
		defer cancel()
		seen.Says("bounded: a context with a time-out +")
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Second):
			}
		}
	}()
}

func withCancel() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		seen.Says("bounded: a context that is cancelled at the end +")
		<-ctx.Done()
	}()
}

func generate(ctx context.Context, n int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		seen.Says("bounded: generator +")
		for i := range n {
			select {
			case out <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func localQueue() {
	q := make(chan string, 1)
	done := make(chan bool)
	go func() {
		seen.Says("bounded: queue of the function +")
		for s := range q {
			_ = s
		}
		done <- true
	}()
	q <- "x"
	close(q)
	<-done
}

func quitChannel() {
	quit := make(chan struct{})
	defer close(quit)
	go func() {
		seen.Says("bounded: quit channel of the function +")
		for {
			select {
			case <-quit:
				return
			case <-time.After(time.Minute):
			}
		}
	}()
}

func drains(in <-chan int, done *sync.WaitGroup) {
	defer done.Done()
	seen.Says("bounded: range over a parameter that is local +")
	for range in {
	}
}

func feeds() {
	in := make(chan int)
	var wg sync.WaitGroup
	wg.Add(1)
	go drains(in, &wg)
	in <- 1
	close(in)
	wg.Wait()
}

func derived(ctx context.Context) {
	ctx = context.WithValue(ctx, key{}, "v")
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		seen.Says("bounded: derived context +")
		wait(ctx)
	}()
}

type key struct{}

func wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Hour):
		return errors.New("late")
	}
}

func hedge(ctx context.Context) {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		seen.Says("bounded: errgroup until its context ends +")
		for {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Millisecond):
				return errors.New("enough")
			}
		}
	})
	_ = g.Wait()
}

func stream(w http.ResponseWriter, r *http.Request) {
	events := make(chan string)
	go func() {
		seen.Says("bounded: stream of a request +")
		defer close(events)
		for {
			select {
			case events <- "tick":
			case <-r.Context().Done():
				return
			}
		}
	}()
	<-events
}

// Handle starts everything.
func Handle(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	heartBeat(ctx)
	go watch(ctx, func() {})
	go polls(ctx)
	go until(time.Now().Add(time.Millisecond))
	withTimeout()
	withCancel()
	for range generate(ctx, 3) {
	}
	localQueue()
	quitChannel()
	feeds()
	derived(ctx)
	hedge(ctx)
	stream(w, r)
}
