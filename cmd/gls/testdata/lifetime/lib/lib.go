// Package lib is another package of the program.
package lib

import (
	"context"
	"time"

	"example.com/lives/seen"
)

// Renew renews a lease.
func Renew(ctx context.Context) {}

// Follow follows a stream.
func Follow(ctx context.Context) error {
	seen.Says("lib: follows in another package")
	return follow(ctx)
}

func follow(ctx context.Context) error {
	t := time.NewTicker(time.Hour)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
}

// A Client has a goroutine that sends.
type Client struct{ out chan string }

// NewClient returns a client.
func NewClient() *Client {
	c := &Client{make(chan string, 10)}
	go c.loop()
	return c
}

// Send sends s.
func (c *Client) Send(s string) { c.out <- s }

func (c *Client) loop() {
	seen.Says("lib: sender of a client")
	for s := range c.out {
		_ = s
	}
}

// A Runner runs.
type Runner interface{ Run() error }

// Start starts a runner.
func Start(r Runner) {
	go func() {
		seen.Says("lib: starts what it is given")
		if err := r.Run(); err != nil {
			panic(err)
		}
	}()
}

// Store stores.
func Store(ctx context.Context, key, value string) error { return ctx.Err() }
