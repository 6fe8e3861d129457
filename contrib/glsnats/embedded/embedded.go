// Package embedded runs a NATS server with JetStream in the process, for
// experiments with glsnats and for tests: it needs no set-up and is ready in
// milliseconds.
//
//	server, err := embedded.Start()
//	defer server.Stop()
//	client, err := glsnats.Connect(server.URL())
//
// It is the original server, from its own module, and keeps jobs in files. In
// production run the server as its own process; only the URL changes.
package embedded

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// An Option configures [Start].
type Option func(*server.Options)

// Dir makes the server keep its data in dir, where a server that is started
// later finds it again. By default, the data is in a temporary directory, which
// Stop removes.
func Dir(dir string) Option { return func(o *server.Options) { o.StoreDir = dir } }

// Listen makes the server listen on host and port, instead of a free port on
// the loopback interface. Everyone who can reach it may do anything, unless
// [Options] restricts that.
func Listen(host string, port int) Option {
	return func(o *server.Options) { o.Host, o.Port = host, port }
}

// Cluster makes the server a member of a cluster. name is its name there. It
// listens for the others on the given port of the loopback interface, and finds
// them at routes, such as "nats://127.0.0.1:6222".
func Cluster(name string, port int, routes ...string) Option {
	return func(o *server.Options) {
		o.ServerName = name
		o.Cluster.Name = "gls"
		o.Cluster.Host, o.Cluster.Port = "127.0.0.1", port
		o.Routes = server.RoutesFromStr(strings.Join(routes, ","))
	}
}

// Options calls set with the server's options, to set other ones.
func Options(set func(*server.Options)) Option { return set }

// A Server is a running server.
type Server struct {
	server *server.Server
	temp   string // the directory to be removed, or ""
}

// ready is how long a server may take to start listening.
const ready = 10 * time.Second

// Start starts a server and returns when it accepts connections. The server
// prints nothing and handles no signals.
func Start(opts ...Option) (*Server, error) {
	o := &server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT,
		JetStream: true, NoLog: true, NoSigs: true,
	}
	for _, opt := range opts {
		opt(o)
	}
	s := &Server{}
	if err := s.start(o); err != nil {
		s.Stop()
		return nil, fmt.Errorf("embedded: %w", err)
	}
	return s, nil
}

func (s *Server) start(o *server.Options) (err error) {
	if o.StoreDir == "" {
		if s.temp, err = os.MkdirTemp("", "glsnats-"); err != nil {
			return err
		}
		o.StoreDir = s.temp
	}
	if s.server, err = server.NewServer(o); err != nil {
		return err
	}
	fatal := &lastWords{said: make(chan string, 1)}
	s.server.SetLoggerV2(fatal, false, false, false)
	s.server.Start()
	listening := make(chan bool, 1)
	go func() { listening <- s.server.ReadyForConnections(ready) }()
	select {
	case text := <-fatal.said:
		return errors.New(text)
	case ok := <-listening:
		if !ok {
			return fmt.Errorf("the server does not listen after %v", ready)
		}
		return nil
	}
}

// URL returns the URL that clients connect to.
func (s *Server) URL() string { return s.server.ClientURL() }

// InProcess returns an option for glsnats.NATS that connects to the server
// without a socket.
func (s *Server) InProcess() nats.Option { return nats.InProcessServer(s.server) }

// Stop closes all connections, writes all data and stops the server. It may be
// called more than once.
func (s *Server) Stop() {
	if s.server != nil {
		s.server.Shutdown()
		s.server.WaitForShutdown()
	}
	if s.temp != "" {
		os.RemoveAll(s.temp)
	}
}
