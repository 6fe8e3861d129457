package glsnats_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
)

// The size of the storm.
const (
	stormServers   = 3
	stormProducers = 4
	stormWorkers   = 4
)

// stormSize is how many jobs the storm has, in the environment; few by default.
const stormSize = "GLS_STORM"

// A storm is servers, producers and workers, each a process, and what the
// workers have written.
type storm struct {
	t         *testing.T
	dir       string
	url       string
	jobs      int                 // 0 in a chaos
	names     []string            // of servers
	args      map[string][]any    // of servers
	role      string              // of servers
	servers   map[string]*process // those that run
	producers []*process
	workers   []*process
	files     int // of workers
	js        jetstream.JetStream
	begin     time.Time
}

// TestStorm has 20,000 jobs, or more, go from four processes to four others
// through three servers, while a worker is killed, the server that leads the
// stream is killed and comes back, and connections are cut. Every job is done,
// with the identity that it was submitted with, and what was done twice is
// known by its ID.
func TestStorm(t *testing.T) {
	jobs := 20_000
	if text := os.Getenv(stormSize); text != "" {
		var err error
		jobs, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	s := startStorm(t, jobs)
	s.at(10, func() {
		s.say("kill a worker")
		s.workers[0].kill()
		s.workers[0] = s.startWorker()
	})
	var leader string
	s.at(30, func() {
		leader = s.leader()
		s.say("kill %s, which leads the stream", leader)
		s.servers[leader].kill()
	})
	s.at(50, func() {
		s.say("start %s again", leader)
		s.startServer(leader)
	})
	s.at(70, func() {
		s.say("cut every connection of workers and producers")
		for _, p := range append(s.workers, s.producers...) {
			// A producer may have ended by now.
			_ = p.cmd.Process.Signal(syscall.SIGUSR1)
		}
	})
	s.at(100, func() { s.say("every job was done at least once") })
	s.check()
}

func startStorm(t *testing.T, jobs int) *storm {
	s := &storm{t: t, jobs: jobs, dir: t.TempDir(), role: "server", args: map[string][]any{}, servers: map[string]*process{}, begin: time.Now()}
	var urls, routes []string
	ports := map[string][2]int{}
	for i := range stormServers {
		name := fmt.Sprintf("s%d", i+1)
		s.names = append(s.names, name)
		ports[name] = [2]int{freePort(t), freePort(t)}
		urls = append(urls, fmt.Sprintf("nats://127.0.0.1:%d", ports[name][0]))
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", ports[name][1]))
	}
	s.url = strings.Join(urls, ",")
	for _, name := range s.names {
		s.args[name] = []any{name, ports[name][0], ports[name][1], filepath.Join(s.dir, name), strings.Join(routes, " ")}
		s.startServer(name)
	}
	conn, err := nats.Connect(s.url, nats.MaxReconnects(-1))
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	s.js, err = jetstream.New(conn)
	require.NoError(t, err)
	s.say("%d servers listen", stormServers)

	// The first one makes the streams, and waits until the servers have found
	// each other.
	c, err := glsnats.Connect(s.url, stormOptions()...)
	require.NoError(t, err)
	c.Close()
	s.say("the stream is led by %s", s.leader())
	for range stormWorkers {
		s.workers = append(s.workers, s.startWorker())
	}
	for i := range stormProducers {
		p, _ := startProcess(t, "producer", s.url, i, jobs/stormProducers)
		s.producers = append(s.producers, p)
	}
	s.say("%d producers and %d workers run", stormProducers, stormWorkers)
	return s
}

func (s *storm) say(format string, args ...any) {
	s.t.Logf("%5.1fs "+format, append([]any{time.Since(s.begin).Seconds()}, args...)...)
}

func (s *storm) startServer(name string) {
	s.servers[name], _ = startProcess(s.t, s.role, s.args[name]...)
}

func (s *storm) startWorker() *process {
	s.files++
	p, _ := startProcess(s.t, "worker", s.url, filepath.Join(s.dir, fmt.Sprintf("worker-%d", s.files)))
	return p
}

// leader returns the name of the server that leads the stream.
func (s *storm) leader() (name string) {
	eventually(s.t, func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		stream, err := s.js.Stream(ctx, "gls")
		if err != nil || stream.CachedInfo().Cluster == nil {
			return false
		}
		name = stream.CachedInfo().Cluster.Leader
		return s.servers[name] != nil
	}, "no leader")
	return name
}

// at calls f when so many of a hundred jobs have been done.
func (s *storm) at(percent int, f func()) {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return len(s.done()) >= s.jobs*percent/100 }, 5*time.Minute, 200*time.Millisecond)
	f()
}

// A run is a line that a worker wrote.
type run struct{ try, payload, identity, private string }

// done returns what was done, by ID.
func (s *storm) done() map[string][]run {
	runs := make(map[string][]run, s.jobs)
	for i := range s.files {
		text, err := os.ReadFile(filepath.Join(s.dir, fmt.Sprintf("worker-%d", i+1)))
		require.NoError(s.t, err)
		for line := range strings.Lines(string(text)) {
			f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
			if strings.HasSuffix(line, "\n") && len(f) == 5 {
				runs[f[1]] = append(runs[f[1]], run{f[0], f[2], f[3], f[4]})
			}
		}
	}
	return runs
}

// check ends all processes and compares what was done with what was submitted.
func (s *storm) check() {
	t := s.t
	var submitted, retried, leaky, runs, redelivered uint64
	for _, p := range s.producers {
		var n part
		require.NoError(t, json.Unmarshal([]byte(p.wait(t)), &n))
		submitted += n.Submitted
		retried += n.Retried
	}
	require.EqualValues(t, s.jobs, submitted, "every Go returned nil, and none found its ID taken")
	for _, name := range []string{"gls", "gls_dead"} {
		require.Eventually(t, func() bool {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			stream, err := s.js.Stream(ctx, name)
			return err == nil && stream.CachedInfo().State.Msgs == 0
		}, time.Minute, 100*time.Millisecond, "%s is not empty", name)
	}
	for _, p := range s.workers {
		var n part
		require.NoError(t, json.Unmarshal([]byte(p.stop(t)), &n))
		require.Zero(t, n.Dead+n.Failed+n.Oversize)
		require.Zero(t, n.Extracted.Dropped())
		require.NotZero(t, n.Reconnects, "the connection was not cut")
		leaky += n.Leaky
		redelivered += n.Redelivered
		runs += n.Runs
	}
	require.NotZero(t, retried, "no attempt to store a job was disturbed")
	require.NotZero(t, redelivered, "no job was taken from a worker")
	require.Equal(t, runs, leaky, "every job left something bound, which was dropped")

	done, again := s.done(), 0
	require.Len(t, done, s.jobs)
	for id, runs := range done {
		for _, r := range runs {
			job, identity, _ := strings.Cut(r.payload, " ")
			if "j-"+job != id || identity != r.identity || r.private != "" {
				t.Errorf("job %s of %q ran as %q, private %q", id, r.payload, r.identity, r.private)
			}
		}
		again += len(runs) - 1
	}
	// Each of the three faults can undo what the server was not told, or had
	// not told the others, at that moment: about what is in flight.
	require.Less(t, again, 3*atOnce*(stormWorkers+stormProducers)*2)
	s.say("%d jobs done, %d of them again, %d delivered again, %d attempts to store made again", len(done), again, redelivered, retried)
	for _, p := range s.servers {
		p.stop(t)
	}
}
