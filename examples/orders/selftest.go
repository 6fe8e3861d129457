package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/seed18162548/contextvars/examples/internal/paint"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glshttp"
)

// The size of the self-test.
const (
	requests    = 200
	connections = 20
)

// errCheck is returned if the report shows what is wrong.
var errCheck = errors.New("the check failed")

// selfTest runs the service, sends it calls, and prints the results. It returns
// errCheck if one of them is wrong.
func selfTest(set settings, plain bool, stdout io.Writer) error {
	var log bytes.Buffer // slog's handler locks it
	logTo(&log)
	var conns connectionCounter
	s, err := startServer("127.0.0.1:0", set, conns.observe)
	if err != nil {
		return err
	}

	prefix := "PO-" + newTrace()[:6] + "-" // a file may have orders of earlier runs
	calls := plan(requests, prefix)
	begin := time.Now()
	sendErr := sendAll(s.url, calls, connections)
	took := time.Since(begin)

	if err := s.drain(); err != nil {
		return err
	}
	rows, err := s.store.rowMarks(prefix)
	if err := errors.Join(sendErr, err, s.store.close()); err != nil {
		return err
	}

	r := report{
		calls:  calls,
		took:   took,
		opened: conns.opened,
		peak:   conns.peak,
		lines:  strings.Split(strings.TrimSpace(log.String()), "\n"),
		live:   liveAfter(5 * time.Second),
		leaky:  glshttp.ReadStats().Leaky,
		plain:  plain,
	}
	r.tallies = check(calls, append(append(replyMarks(calls), logMarks(r.lines)...), rows...))
	r.print(stdout, paint.For(stdout))
	if !r.ok() {
		return errCheck
	}
	return nil
}

// liveAfter returns the number of goroutines that hold bindings. It waits for
// up to patience until that is 0, because a goroutine that has done its work
// may not have ended yet.
func liveAfter(patience time.Duration) int {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); gls.Live() > 0 && time.Now().Before(deadline); {
		<-tick.C
	}
	return gls.Live()
}

// A connectionCounter watches the connections of an http.Server.
type connectionCounter struct {
	mu     sync.Mutex
	active map[net.Conn]bool // guarded by mu
	opened int               // guarded by mu until the server has stopped
	peak   int               // of active connections; guarded by mu until the server has stopped
}

func (c *connectionCounter) observe(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.opened++
	case http.StateActive:
		if c.active == nil {
			c.active = map[net.Conn]bool{}
		}
		c.active[conn] = true
		c.peak = max(c.peak, len(c.active))
	default:
		delete(c.active, conn)
	}
}
