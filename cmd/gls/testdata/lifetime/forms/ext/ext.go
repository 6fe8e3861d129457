// Package ext is another package of the program: a pool, a client library.
package ext

import (
	"time"

	"example.com/lives/seen"
)

// A Pool has workers.
type Pool struct{ Jobs chan func() }

// Serve works until the channel is closed.
func (p *Pool) Serve() {
	seen.Says("form: 04 pool of another package")
	for j := range p.Jobs {
		j()
	}
}

// Ping pings until stop.
func Ping(stop chan bool) {
	seen.Says("form: 05 pinger of another package")
	for {
		select {
		case <-stop:
			return
		case <-time.After(time.Hour):
		}
	}
}
