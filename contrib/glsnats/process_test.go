package glsnats_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats/embedded"
)

// role makes the test binary run as a part of a cluster: as the function in
// roles of that name, with the arguments in the variable arguments.
const (
	role      = "NATSGLS_TEST_ROLE"
	arguments = "NATSGLS_TEST_ARGUMENTS"
)

// roles get their arguments, say when they are ready, and end when stdin does,
// unless they are killed before.
var roles = map[string]func(args []string, ready func(...any)) error{
	"server":   runServer,
	"producer": runProducer,
	"worker":   runWorker,
	"crasher":  runCrasher,
	"doomed":   runDoomed,

	"chaosserver":   runChaosServer,
	"chaosproducer": runChaosProducer,
	"chaosworker":   runChaosWorker,
}

func TestMain(m *testing.M) {
	if f := roles[os.Getenv(role)]; f != nil {
		if err := f(strings.Fields(os.Getenv(arguments)), func(x ...any) { fmt.Println(x...) }); err != nil {
			fmt.Fprintln(os.Stderr, os.Getenv(role)+":", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// untilStopped returns when stdin ends.
func untilStopped() { _, _ = io.Copy(io.Discard, os.Stdin) }

// runServer is an embedded server of a cluster: its name, its client port, its
// cluster port, its directory, its routes.
func runServer(args []string, ready func(...any)) error { return serve(args, ready) }

// serve is runServer with more options.
func serve(args []string, ready func(...any), opts ...embedded.Option) error {
	var port, clusterPort int
	if _, err := fmt.Sscan(args[1], &port); err != nil {
		return err
	}
	if _, err := fmt.Sscan(args[2], &clusterPort); err != nil {
		return err
	}
	s, err := embedded.Start(append(opts, embedded.Dir(args[3]), embedded.Listen("127.0.0.1", port),
		embedded.Cluster(args[0], clusterPort, args[4:]...))...)
	if err != nil {
		return err
	}
	defer s.Stop()
	ready(s.URL())
	untilStopped()
	return nil
}

// A process is the test binary in a role.
type process struct {
	cmd   *exec.Cmd
	in    io.Closer
	lines *bufio.Reader // of its stdout
}

// startProcess starts a process and waits until it is ready, which it says in
// first.
func startProcess(t *testing.T, name string, args ...any) (p *process, first string) {
	t.Helper()
	p = launch(t, name, args...)
	return p, p.line(t)
}

// launch starts a process.
func launch(t *testing.T, name string, args ...any) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), role+"="+name, arguments+"="+strings.TrimSuffix(fmt.Sprintln(args...), "\n"))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	p := &process{cmd: cmd, in: in, lines: bufio.NewReader(out)}
	t.Cleanup(func() {
		if cmd.ProcessState == nil { // the test failed before
			p.kill()
		}
	})
	return p
}

func (p *process) line(t *testing.T) string {
	t.Helper()
	line, err := p.lines.ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(line)
}

// kill ends the process as a crash of the machine would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// stop has the process end by itself and returns the rest of what it says.
func (p *process) stop(t *testing.T) string {
	t.Helper()
	require.NoError(t, p.in.Close())
	return p.wait(t)
}

// wait waits for the process to end by itself.
func (p *process) wait(t *testing.T) string {
	t.Helper()
	rest, err := io.ReadAll(p.lines)
	require.NoError(t, err)
	require.NoError(t, p.cmd.Wait())
	return strings.TrimSpace(string(rest))
}

// freePort returns a port that was free a moment ago.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// cuttable is an option for connections that break when the process gets
// SIGUSR1: without a word, with what is on its way being lost.
func cuttable() nats.Option {
	d := &cutter{}
	cut := make(chan os.Signal, 1)
	signal.Notify(cut, syscall.SIGUSR1)
	go func() {
		for range cut {
			d.cut()
		}
	}()
	return nats.SetCustomDialer(d)
}

type cutter struct {
	mu    sync.Mutex
	conns []net.Conn // guarded by mu
}

// Dial implements nats.CustomDialer.
func (d *cutter) Dial(network, address string) (net.Conn, error) {
	c, err := net.DialTimeout(network, address, 2*time.Second)
	if err == nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.conns = append(d.conns, c)
	}
	return c, err
}

func (d *cutter) cut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.conns {
		_ = c.(*net.TCPConn).SetLinger(0) // a reset, buffers dropped; it fails for those that are closed
		c.Close()
	}
	d.conns = nil
}
