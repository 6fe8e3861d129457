// Package shapes has the forms that a loop can hide in.
package shapes

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"example.com/lives/lib"
	"example.com/lives/seen"
)

var halt = make(chan struct{})

// Options of a client.
type Options struct{ Name string }

// A Client has a reader.
type Client struct{ in chan string }

// Open has the shape of a unary gRPC method, but is none.
func Open(ctx context.Context, o *Options) (*Client, error) {
	c := &Client{make(chan string)}
	go func() {
		seen.Says("shape: func(ctx, *T) (*R, error)")
		for range c.in {
		}
	}()
	return c, nil
}

func inIf(on bool) {
	seen.Says("shape: loop in an if")
	if on {
		for {
			time.Sleep(time.Hour)
		}
	}
}

func inSwitch(n int) {
	seen.Says("shape: loop in a switch")
	switch n {
	case 1:
		wait()
	}
}

func inRange() {
	seen.Says("shape: loop in a loop that ends")
	for range 1 {
		wait()
	}
}

func wait() { <-halt }

func deferred() {
	seen.Says("shape: deferred loop")
	defer wait()
}

func asArgument() {
	seen.Says("shape: call in an argument")
	fmt.Sprint(forever())
}

func forever() int {
	for {
		time.Sleep(time.Hour)
	}
}

func inReturn() int {
	seen.Says("shape: call in a return")
	return forever()
}

func inCondition() {
	seen.Says("shape: call in a condition")
	if forever() > 0 {
		return
	}
}

func selectOnly() {
	seen.Says("shape: select {}")
	select {}
}

func throughParameter(f func()) {
	seen.Says("shape: a function that is given")
	f()
}

func throughField() {
	h := &hooks{after: wait}
	go func() {
		seen.Says("shape: a function in a field")
		h.after()
	}()
}

type hooks struct{ after func() }

func local() {
	run := func() {
		seen.Says("shape: a function in a local variable")
		wait()
	}
	go run()
}

func methodExpression(c *Client) {
	go (*Client).pump(c)
}

func (c *Client) pump() {
	seen.Says("shape: method expression")
	for range c.in {
	}
}

type loop struct{}

func (loop) Run() error {
	<-halt
	return nil
}

// embedded promotes Run.
type embedded struct{ loop }

func mutualA(n int) {
	seen.Says("shape: two functions that call each other")
	time.Sleep(time.Hour)
	mutualB(n)
}
func mutualB(n int) { mutualA(n) }

func sentDone() {
	done := make(chan bool)
	go func() {
		seen.Says("shape: says done and goes on")
		close(done)
		wait()
	}()
	<-done
}

func deferInside() {
	done := make(chan bool)
	go func() {
		seen.Says("shape: deferred loop behind a deferred close")
		defer wait()
		defer close(done)
	}()
	<-done
}

func oneOfTwo() {
	first := make(chan int, 2)
	for range 2 {
		go func() {
			seen.Says("shape: the first of two wins")
			wait()
			first <- 1
		}()
	}
	select {
	case <-first:
	default:
	}
}

func earlyReturn(fail bool) error {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		seen.Says("shape: an early return passes the Wait by")
		wait()
	}()
	if fail {
		return fmt.Errorf("failed")
	}
	wg.Wait()
	return nil
}

func conditionally(all bool) {
	done := make(chan bool)
	go func() {
		defer close(done)
		seen.Says("shape: waits under a condition")
		wait()
	}()
	if all {
		<-done
	}
}

func otherGroup() {
	var mine, other sync.WaitGroup
	mine.Add(1)
	go func() {
		defer mine.Done()
		seen.Says("shape: waits for another WaitGroup")
		wait()
	}()
	other.Wait()
}

type named chan int

func (n named) drain() {
	seen.Says("shape: range over the receiver")
	for range n {
	}
}

func deferredGo(c *Client) {
	defer func() {
		go func() {
			seen.Says("shape: go in a deferred function")
			for range c.in {
			}
		}()
	}()
}

func recovered(f func()) {
	defer func() { recover() }()
	f()
}

func guarded() {
	go recovered(func() {
		seen.Says("shape: guarded by a function that recovers")
		wait()
	})
}

func condLoop(ch chan int) {
	seen.Says("shape: for v, ok := <-ch; ok; v, ok = <-ch")
	for v, ok := <-ch; ok; v, ok = <-ch {
		_ = v
	}
}

func sent() {
	work <- func() {
		seen.Says("shape: sent on a channel, then loops")
		wait()
	}
}

var work = make(chan func())

func init() {
	for range 4 {
		go func() {
			for f := range work {
				go f()
			}
		}()
	}
}

// Handle starts everything.
func Handle(w http.ResponseWriter, r *http.Request) {
	c, _ := Open(r.Context(), &Options{})
	go inIf(true)
	go inSwitch(1)
	go inRange()
	go deferred()
	go asArgument()
	go inReturn()
	go inCondition()
	go selectOnly()
	go throughParameter(wait)
	throughField()
	local()
	methodExpression(c)
	lib.Start(embedded{})
	go mutualA(1)
	sentDone()
	deferInside()
	oneOfTwo()
	_ = earlyReturn(true)
	conditionally(false)
	otherGroup()
	go named(make(chan int)).drain()
	deferredGo(c)
	guarded()
	go condLoop(make(chan int))
	sent()
}
