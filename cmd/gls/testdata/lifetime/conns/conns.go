// Package conns has connections, subscriptions and servers that a request opens
// and later ones use.
package conns

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/rpc"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"time"

	"example.com/lives/lib"
	"example.com/lives/seen"
)

type conn struct {
	net.Conn
	out    chan []byte
	closed chan struct{}
	done   bool
}

func (c *conn) write() {
	seen.Says("conn: write loop")
	for {
		select {
		case b := <-c.out:
			if _, err := c.Write(b); err != nil {
				return
			}
		case <-c.closed:
			return
		}
	}
}

func (c *conn) read(ready chan<- error) {
	seen.Says("conn: read loop after a handshake")
	ready <- nil
	buf := make([]byte, 512)
	for !c.done {
		if _, err := c.Read(buf); err != nil {
			return
		}
	}
}

func dial() (*conn, error) {
	mine, other := net.Pipe()
	c := &conn{Conn: mine, out: make(chan []byte), closed: make(chan struct{})}
	go c.write()
	ready := make(chan error, 1)
	go c.read(ready)
	select {
	case err := <-ready:
		if err != nil {
			return nil, err
		}
	case <-time.After(time.Second):
		return nil, errors.New("time-out")
	}
	go func() {
		seen.Says("conn: decoder loop")
		dec := json.NewDecoder(other)
		for {
			var v any
			if err := dec.Decode(&v); err != nil {
				return
			}
		}
	}()
	go func() {
		seen.Says("conn: scanner of lines")
		for s := bufio.NewScanner(other); s.Scan(); {
		}
	}()
	go func() {
		seen.Says("conn: reads until EOF")
		io.Copy(io.Discard, other)
	}()
	return c, nil
}

// A client that reconnects by calling itself.
func (c *conn) reconnect(wait time.Duration) {
	seen.Says("conn: reconnects by recursion")
	time.Sleep(time.Minute)
	c.reconnect(wait * 2)
}

// And one that starts itself again.
func (c *conn) session() {
	seen.Says("conn: starts itself again at the end")
	defer c.again()
	time.Sleep(time.Hour)
}

func (c *conn) again() { go c.session() }

func backoff(connect func() error) {
	seen.Says("conn: retries until it is connected")
	delay := time.Millisecond
	for {
		if err := connect(); err == nil {
			break
		}
		time.Sleep(delay)
		delay *= 2
	}
	<-make(chan bool)
}

// A hub of subscriptions.
type hub struct {
	join, leave chan chan string
	all         chan string
	members     map[chan string]bool
}

func (h *hub) run() {
	seen.Says("conn: hub")
	for {
		select {
		case m := <-h.join:
			h.members[m] = true
		case m := <-h.leave:
			delete(h.members, m)
		case s := <-h.all:
			for m := range h.members {
				m <- s
			}
		}
	}
}

var newHub = sync.OnceValue(func() *hub {
	h := &hub{members: map[chan string]bool{}}
	go h.run()
	return h
})

func (h *hub) subscribe() chan string {
	ch := make(chan string)
	go func() {
		seen.Says("conn: subscription that is kept")
		for range ch {
		}
	}()
	return ch
}

var subscription chan string

func listen() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return
	}
	go func() {
		seen.Says("conn: accept loop")
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
			}()
		}
	}()
	go func() {
		seen.Says("conn: one Accept")
		if c, err := l.Accept(); err == nil {
			c.Close()
		}
	}()
	go func() {
		seen.Says("conn: http.Serve")
		_ = http.Serve(l, nil)
	}()
	errc := make(chan error, 1)
	srv := &http.Server{}
	go func() {
		seen.Says("conn: Serve whose error is waited for a moment")
		errc <- srv.Serve(l)
	}()
	select {
	case <-errc:
	case <-time.After(time.Millisecond):
	}
	go func() {
		seen.Says("conn: rpc.Accept")
		rpc.Accept(l)
	}()
}

func signals() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	go func() {
		seen.Says("conn: waits for a signal")
		<-c
		os.Exit(1)
	}()
}

func child() {
	cmd := exec.Command("sleep", "1")
	if cmd.Start() != nil {
		return
	}
	go func() {
		seen.Says("conn: waits for a child process")
		cmd.Wait()
	}()
}

// A watch under a context that the request does not end.
func watch(ctx context.Context) {
	seen.Says("conn: watch without the request's cancellation")
	<-ctx.Done()
}

func elect(ctx context.Context) {
	seen.Says("conn: leader election")
	for ctx.Err() == nil {
		lib.Renew(ctx)
		time.Sleep(time.Hour)
	}
}

type server struct {
	ctx    context.Context
	cancel context.CancelFunc
}

func (s *server) beat() {
	seen.Says("conn: heart-beat under a context in a field")
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-time.After(time.Minute):
		}
	}
}

// Handle opens everything.
func Handle(w http.ResponseWriter, r *http.Request) {
	c, _ := dial()
	go c.reconnect(time.Second)
	go c.session()
	go backoff(func() error { return nil })
	subscription = newHub().subscribe()
	listen()
	signals()
	child()
	go watch(context.WithoutCancel(r.Context()))
	go elect(context.Background())
	s := &server{}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	go s.beat()
	follow, stopFollowing := context.WithCancel(context.Background())
	go func() {
		seen.Says("conn: followed until somebody calls cancel")
		for {
			select {
			case <-follow.Done():
				return
			case <-time.After(time.Minute):
			}
		}
	}()
	stop = stopFollowing
	go lib.Follow(context.Background())
	client := lib.NewClient()
	client.Send("hello")
}

var stop func()
