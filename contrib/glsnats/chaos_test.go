package glsnats_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
)

// chaosTime is how long things break, in the environment; a short time by
// default.
const chaosTime = "GLS_CHAOS"

// The size of the chaos.
const (
	chaosProducers = 2
	chaosWorkers   = 3
)

// A chaos is a cluster in which things break: each two of its servers talk to
// each other, and workers to it, through links that can be frozen.
type chaos struct {
	*storm
	routes map[[2]string]*link            // from one server to another
	asks   map[string]jetstream.JetStream // of each server alone
	lines  []*link                        // of each worker, to a server
	ends   chan int
	lives  int // of workers, and of producers
}

// TestChaos has servers, workers and producers killed and stopped, connections
// frozen, all while jobs go through that are small, large, slow, ill and
// deadly. Then all is well again, and what was accepted is either done or, if
// it is ill or deadly, a dead letter: each under the identity that it was
// submitted with.
func TestChaos(t *testing.T) {
	length := 10 * time.Second
	if text := os.Getenv(chaosTime); text != "" {
		var err error
		length, err = time.ParseDuration(text)
		require.NoError(t, err)
	}
	c := startChaos(t)
	faults := []func(){c.killWorker, c.killProducer, c.killServer, c.stopServer, c.freezeWorker, c.cutAll, c.cutPair, c.cutLeader}
	for i, end := 0, time.Now().Add(length); time.Now().Before(end); i++ {
		if i%len(faults) == 0 {
			rand.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })
		}
		faults[i%len(faults)]()
		c.rest(time.Second)
	}
	c.check()
}

func startChaos(t *testing.T) *chaos {
	s := &storm{t: t, dir: t.TempDir(), role: "chaosserver", args: map[string][]any{}, servers: map[string]*process{}, begin: time.Now()}
	c := &chaos{storm: s, routes: map[[2]string]*link{}, asks: map[string]jetstream.JetStream{}, ends: make(chan int, 100)}
	var urls []string
	ports := map[string][2]int{}
	for i := range stormServers {
		name := fmt.Sprintf("s%d", i+1)
		s.names = append(s.names, name)
		ports[name] = [2]int{freePort(t), freePort(t)}
		urls = append(urls, fmt.Sprintf("127.0.0.1:%d", ports[name][0]))
	}
	for i, name := range s.names {
		var routes []string
		for _, other := range s.names {
			if other != name {
				l := startLink(t, fmt.Sprintf("127.0.0.1:%d", ports[other][1]))
				c.routes[[2]string{name, other}] = l
				routes = append(routes, "nats://"+l.address())
			}
		}
		s.args[name] = []any{name, ports[name][0], ports[name][1], filepath.Join(s.dir, name), strings.Join(routes, " ")}
		s.startServer(name)
		conn, err := nats.Connect(urls[i], nats.MaxReconnects(-1), nats.IgnoreDiscoveredServers())
		require.NoError(t, err)
		t.Cleanup(conn.Close)
		c.asks[name], err = jetstream.New(conn)
		require.NoError(t, err)
	}
	s.url = strings.Join(urls, ",")
	conn, err := nats.Connect(s.url, nats.MaxReconnects(-1))
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	s.js, err = jetstream.New(conn)
	require.NoError(t, err)
	first, err := glsnats.Connect(s.url, chaosOptions()...)
	require.NoError(t, err)
	first.Close()
	for i := range chaosWorkers {
		c.lines = append(c.lines, startLink(t, urls[i%len(urls)]))
		s.workers = append(s.workers, c.startWorker(i))
	}
	for i := range chaosProducers {
		s.producers = append(s.producers, c.startProducer(i))
	}
	s.say("%d servers, %d workers and %d producers run", stormServers, chaosWorkers, chaosProducers)
	return c
}

// startWorker starts the worker i, which has its own line.
func (c *chaos) startWorker(i int) *process {
	c.lives++
	p := launch(c.t, "chaosworker", c.lines[i].address(), filepath.Join(c.dir, fmt.Sprintf("done-%d", c.lives)))
	go func() {
		_ = p.cmd.Wait() // it crashes, or is killed
		c.ends <- i
	}()
	return p
}

// startProducer starts the producer i. Its jobs are those of no other life.
func (c *chaos) startProducer(i int) *process {
	c.lives++
	return launch(c.t, "chaosproducer", c.url, filepath.Join(c.dir, fmt.Sprintf("stored-%d", c.lives)), c.lives)
}

// rest has d pass, and starts workers that end meanwhile.
func (c *chaos) rest(d time.Duration) {
	over := time.After(d)
	for {
		select {
		case i := <-c.ends:
			c.workers[i] = c.startWorker(i)
		case <-over:
			return
		}
	}
}

func (c *chaos) killWorker() {
	i := rand.IntN(len(c.workers))
	c.say("kill worker %d", i)
	_ = c.workers[i].cmd.Process.Kill() // it may have crashed
}

func (c *chaos) killProducer() {
	i := rand.IntN(len(c.producers))
	c.say("kill producer %d", i)
	c.producers[i].kill()
	c.producers[i] = c.startProducer(i)
}

func (c *chaos) killServer() {
	name := c.names[rand.IntN(len(c.names))]
	c.say("kill server %s", name)
	c.servers[name].kill()
	c.rest(time.Second)
	c.startServer(name)
}

// stopServer has a server do nothing for a while, and go on as if nothing had
// been.
func (c *chaos) stopServer() {
	name := c.names[rand.IntN(len(c.names))]
	c.say("stop server %s", name)
	require.NoError(c.t, c.servers[name].cmd.Process.Signal(syscall.SIGSTOP))
	c.rest(3 * time.Second)
	require.NoError(c.t, c.servers[name].cmd.Process.Signal(syscall.SIGCONT))
}

// freezeWorker cuts a worker off for longer than AckWait, so that others get
// its jobs.
func (c *chaos) freezeWorker() {
	i := rand.IntN(len(c.lines))
	c.say("freeze the line of worker %d", i)
	c.lines[i].freeze(true)
	c.rest(4 * time.Second)
	c.lines[i].freeze(false)
}

// cut has two servers not hear each other, or do so again.
func (c *chaos) cut(a, b string, cut bool) {
	c.routes[[2]string{a, b}].freeze(cut)
	c.routes[[2]string{b, a}].freeze(cut)
}

// cutAll has no server hear any other.
func (c *chaos) cutAll() {
	c.say("cut all servers off from each other")
	for _, l := range c.routes {
		l.freeze(true)
	}
	c.rest(3 * time.Second)
	for _, l := range c.routes {
		l.freeze(false)
	}
}

// cutPair has two servers not hear each other, while the third hears both: one
// of them may lead the queue and be deposed by the other again and again.
func (c *chaos) cutPair() {
	names := c.shuffled()
	c.say("cut %s and %s off from each other", names[0], names[1])
	c.cut(names[0], names[1], true)
	c.rest(time.Second + rand.N(10*time.Second))
	c.cut(names[0], names[1], false)
}

// cutLeader cuts the server that leads the queue off from the others, but not
// from its clients, until the others have elected a leader of their own. There
// are two then, until the old one hears of it, with what was on its way.
func (c *chaos) cutLeader() {
	names := c.shuffled()
	for _, name := range names {
		if leader, ok := c.leaderAt(name); ok {
			at := slices.Index(names, leader)
			names[0], names[at] = names[at], names[0]
			break
		} // if nobody knows one, any server will do
	}
	old, others := names[0], names[1:]
	c.say("cut %s, the leader, off from the other servers", old)
	for _, other := range others {
		c.cut(old, other, true)
	}
	deposed := false
	for end := time.Now().Add(time.Minute); !deposed && time.Now().Before(end); {
		c.rest(200 * time.Millisecond)
		leader, ok := c.leaderAt(others[0])
		deposed = ok && leader != old
	}
	require.True(c.t, deposed, "the other servers elect no leader")
	c.rest(rand.N(2 * time.Second))
	for _, other := range others {
		c.cut(old, other, false)
	}
}

// shuffled returns the names of the servers in random order.
func (c *chaos) shuffled() []string {
	names := slices.Clone(c.names)
	rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return names
}

// leaderAt returns the leader of the queue, as far as a server knows.
func (c *chaos) leaderAt(name string) (leader string, ok bool) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	stream, err := c.asks[name].Stream(ctx, "gls")
	if err != nil || stream.CachedInfo().Cluster == nil {
		return "", false
	}
	leader = stream.CachedInfo().Cluster.Leader
	return leader, slices.Contains(c.names, leader)
}

// check waits until the queue is empty and compares what was done, and what
// died, with what was stored.
func (c *chaos) check() {
	t := c.t
	for _, p := range c.producers {
		p.kill()
	}
	c.say("all is well again")
	end := time.Now().Add(4 * time.Minute)
	for left := uint64(1); left > 0; {
		c.rest(200 * time.Millisecond)
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		if stream, err := c.js.Stream(ctx, "gls"); err == nil {
			left = stream.CachedInfo().State.Msgs
		}
		cancel()
		require.Less(t, time.Now(), end, "%d jobs are left", left)
	}
	client, err := glsnats.Connect(c.url, chaosOptions()...)
	require.NoError(t, err)
	defer client.Close()
	dead := map[string]int{}
	for _, l := range letters(t, client, "") {
		dead[l.ID]++
		require.Equal(t, "user=u-"+l.ID, l.Header.Get("baggage"), "the identity of a letter")
	}
	done := map[string]int{}
	for _, line := range c.written("done-*") {
		id, who, _ := strings.Cut(line, " ")
		done[id]++
		require.Equal(t, "u-"+id, who, "the identity of a job")
	}
	stored := c.written("stored-*")
	kinds := map[string]int{}
	for _, id := range stored {
		kind, _, _ := strings.Cut(id, "-")
		kinds[kind]++
		if kind == "ill" || kind == "deadly" || kind == "exits" {
			require.NotZero(t, dead[id], "%s was lost", id)
			continue
		}
		require.NotZero(t, done[id], "%s was lost", id)
		require.Zero(t, dead[id], "%s was buried", id)
	}
	for id := range dead {
		require.Regexp(t, "^(ill|deadly|exits)-", id, "a healthy job was buried")
	}
	require.NotEmpty(t, stored)
	c.say("%d stored %v, %d done, %d letters, %d processes", len(stored), kinds, len(done), len(dead), c.lives)
	for _, p := range c.workers {
		_ = p.cmd.Process.Kill()
	}
	for _, name := range c.names {
		c.servers[name].kill()
	}
}

// written returns the whole lines of the files that match.
func (c *chaos) written(pattern string) (lines []string) {
	files, err := filepath.Glob(filepath.Join(c.dir, pattern))
	require.NoError(c.t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(c.t, err)
		for line := range strings.Lines(string(text)) {
			if whole, ok := strings.CutSuffix(line, "\n"); ok {
				lines = append(lines, whole)
			}
		}
	}
	return lines
}
