package glsnats_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/contrib/glsnats/embedded"
	"github.com/seed18162548/contextvars/spawn"
)

// chaosOptions are those of all that take part in a chaos.
func chaosOptions() []glsnats.Option {
	return []glsnats.Option{
		exports, glsnats.Replicas(3), glsnats.PublishDeadline(time.Minute), glsnats.DedupWindow(5 * time.Minute),
		glsnats.WaitForServer(time.Minute), glsnats.NATS(nats.IgnoreDiscoveredServers()),
	}
}

// runChaosServer is runServer, but tells the other servers a wrong address, so
// that they have to go through the links in its routes.
func runChaosServer(args []string, ready func(...any)) error {
	return serve(args, ready, embedded.Options(func(o *server.Options) { o.Cluster.Advertise = "127.0.0.1:1" }))
}

// runChaosProducer submits jobs without end, and writes down the IDs of those
// that were stored: the URL, the file, and the number of its life.
func runChaosProducer(args []string, _ func(...any)) error {
	file, err := os.OpenFile(args[1], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	c, err := glsnats.Connect(args[0], chaosOptions()...)
	if err != nil {
		return err
	}
	var group spawn.Group
	for lane := range 4 {
		group.Go(func() error {
			for i := 0; ; i++ {
				kind, size := "small", 100
				switch n := i*4 + lane; {
				case n%1500 == 37:
					kind = "deadly"
				case n%1500 == 737:
					kind = "exits"
				case n%50 == 11:
					kind = "ill"
				case n%20 == 3:
					kind, size = "big", 900_000
				case n%10 == 7:
					kind = "slow"
				}
				id := fmt.Sprintf("%s-%s-%d-%d", kind, args[2], lane, i)
				var err error
				user.With("u-"+id, func() { err = c.Go("work", make([]byte, size), glsnats.ID(id)) })
				if err != nil {
					continue // it may be stored all the same, which nobody was told
				}
				if _, err := fmt.Fprintln(file, id); err != nil {
					return err
				}
				time.Sleep(20 * time.Millisecond) // the load
			}
		})
	}
	return group.Wait()
}

// runChaosWorker runs jobs as their IDs say, and writes down what it has done,
// and for whom: the address and the file.
func runChaosWorker(args []string, _ func(...any)) error {
	file, err := os.OpenFile(args[1], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	c, err := glsnats.Connect("nats://"+args[0], chaosOptions()...)
	if err != nil {
		return err
	}
	err = c.Handle("work", func(j glsnats.Job) error {
		kind, _, _ := strings.Cut(j.ID, "-")
		switch kind {
		case "deadly":
			time.Sleep(50 * time.Millisecond) // others are in flight
			panic(j.ID)
		case "exits":
			time.Sleep(50 * time.Millisecond)
			os.Exit(3)
		case "ill":
			return errors.New("ill")
		case "slow":
			time.Sleep(300 * time.Millisecond)
		}
		_, err := fmt.Fprintf(file, "%s %s\n", j.ID, user.Get())
		return err
	}, glsnats.AckWait(2*time.Second), glsnats.Backoff(func(int) time.Duration { return 200 * time.Millisecond }))
	if err != nil {
		return err
	}
	untilStopped()
	return nil
}

// A link forwards connections to a server. While it is frozen nothing passes,
// and nobody is told, as in a network that is cut.
type link struct {
	listener net.Listener
	to       string

	mu     sync.Mutex
	frozen bool       // guarded by mu
	thaws  *sync.Cond // with mu
}

func startLink(t *testing.T, to string) *link {
	t.Helper()
	l := &link{to: to}
	l.thaws = sync.NewCond(&l.mu)
	var err error
	l.listener, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go l.accept()
	t.Cleanup(func() {
		l.listener.Close()
		l.freeze(false)
	})
	return l
}

func (l *link) address() string { return l.listener.Addr().String() }

func (l *link) freeze(frozen bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.frozen = frozen
	l.thaws.Broadcast()
}

// wait returns when the link is not frozen.
func (l *link) wait() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.frozen {
		l.thaws.Wait()
	}
}

func (l *link) accept() {
	for {
		from, err := l.listener.Accept()
		if err != nil {
			return
		}
		go func() {
			l.wait()
			to, err := net.Dial("tcp", l.to)
			if err != nil {
				from.Close()
				return
			}
			go l.copy(from, to)
			l.copy(to, from)
		}()
	}
}

// copy forwards from one to the other until either is closed.
func (l *link) copy(to io.WriteCloser, from io.ReadCloser) {
	defer to.Close()
	defer from.Close()
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		l.wait()
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
