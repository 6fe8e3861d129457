package glsnats_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/contrib/glsnats/embedded"
	"github.com/seed18162548/contextvars/spawn"
)

// TestServerComesBack stops the only server while a worker waits and a producer
// goes on, and starts it again.
func TestServerComesBack(t *testing.T) {
	dir, port := t.TempDir(), freePort(t)
	start := func() *embedded.Server {
		s, err := embedded.Start(embedded.Dir(dir), embedded.Listen("127.0.0.1", port))
		require.NoError(t, err)
		t.Cleanup(s.Stop)
		return s
	}
	s := start()
	c, err := glsnats.Connect(s.URL(), exports)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	ran := make(chan string, 10)
	require.NoError(t, c.Handle("work", func(j glsnats.Job) error {
		ran <- user.Get() + " " + j.ID
		return nil
	}))
	require.NoError(t, c.Go("later", nil))
	s.Stop()
	eventually(t, func() bool { return !c.Conn().IsConnected() }, "it is still connected")

	stored := spawn.Start(func() (struct{}, error) {
		defer user.Set("ann").Reset()
		return struct{}{}, c.Go("work", nil, glsnats.ID("a"))
	})
	eventually(t, func() bool { return c.Stats().Retried > 0 }, "it is not tried again")
	s = start()
	_, err = stored.Wait()
	require.NoError(t, err)
	require.Equal(t, "ann a", receive(t, ran))
	eventually(t, func() bool { return jobs(t, c, "gls") == 1 }, "the one from before, and no other")
	require.Empty(t, ran)

	s.Stop()
	short, err := glsnats.Connect(s.URL())
	require.Error(t, err)
	require.Nil(t, short)
}

func TestGoGivesUp(t *testing.T) {
	s := startServer(t)
	c, err := glsnats.Connect(s.URL(), glsnats.PublishDeadline(100*time.Millisecond))
	require.NoError(t, err)
	t.Cleanup(c.Close)
	s.Stop()
	begin := time.Now()
	require.ErrorIs(t, c.Go("work", nil), context.DeadlineExceeded)
	require.Less(t, time.Since(begin), patience)
}

// TestConsumerComesBack deletes the consumer under a worker.
func TestConsumerComesBack(t *testing.T) {
	var pulls atomic.Int32
	c := open(t, glsnats.OnError(func(error) { pulls.Add(1) }))
	ran := make(chan string, 10)
	require.NoError(t, c.Handle("work", func(j glsnats.Job) error { ran <- j.ID; return nil }))
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	require.NoError(t, streamOf(t, c, "gls").DeleteConsumer(ctx, "work"))
	require.NoError(t, c.Go("work", nil, glsnats.ID("a")))
	require.Equal(t, "a", receive(t, ran))
	require.NotZero(t, pulls.Load())
}

func TestStreams(t *testing.T) {
	s := startServer(t)
	c := connect(t, s)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	js, err := jetstream.New(c.Conn())
	require.NoError(t, err)

	config := streamOf(t, c, "gls").CachedInfo().Config
	require.Equal(t, jetstream.WorkQueuePolicy, config.Retention)
	require.Equal(t, jetstream.FileStorage, config.Storage)
	config.MaxMsgs = 17
	_, err = js.UpdateStream(ctx, config)
	require.NoError(t, err)
	connect(t, s, glsnats.DedupWindow(time.Hour))
	require.EqualValues(t, 17, streamOf(t, c, "gls").CachedInfo().Config.MaxMsgs, "a stream that exists is left alone")

	other := connect(t, s, glsnats.Stream("other"), glsnats.InMemory(), glsnats.DedupWindow(time.Hour))
	config = streamOf(t, other, "other").CachedInfo().Config
	require.Equal(t, jetstream.MemoryStorage, config.Storage)
	require.Equal(t, time.Hour, config.Duplicates)
	require.Equal(t, "other_dead", other.DeadStream())

	_, err = js.CreateStream(ctx, jetstream.StreamConfig{Name: "log", Subjects: []string{"log.>"}})
	require.NoError(t, err)
	_, err = glsnats.Connect(s.URL(), glsnats.Stream("log"))
	require.ErrorIs(t, err, glsnats.ErrStream)
}

// runCrasher is a worker whose function panics.
func runCrasher(args []string, ready func(...any)) error {
	c, err := glsnats.Connect(args[0], exports)
	if err != nil {
		return err
	}
	err = c.Handle("crash", func(j glsnats.Job) error {
		panic("try " + strconv.Itoa(j.Try) + " for " + user.Get())
	}, glsnats.Tries(2), glsnats.AckWait(time.Second))
	if err != nil {
		return err
	}
	ready("ready")
	untilStopped()
	return nil
}

// TestPanics has a job crash as many workers as it has tries, each with the
// trace of the panic; then it is a dead letter.
func TestPanics(t *testing.T) {
	s := startServer(t)
	c := connect(t, s)
	user.With("ann", func() { require.NoError(t, c.Go("crash", nil)) })
	for try := 1; try <= 2; try++ {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), role+"=crasher", arguments+"="+s.URL())
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		in, err := cmd.StdinPipe() // stays open
		require.NoError(t, err)
		var exit *exec.ExitError
		require.ErrorAs(t, cmd.Run(), &exit)
		in.Close()
		require.Equal(t, 2, exit.ExitCode())
		require.Contains(t, stderr.String(), "panic: try "+strconv.Itoa(try)+" for ann")
		require.Contains(t, stderr.String(), "glsnats_test.runCrasher.func1")
		require.NotContains(t, stderr.String(), "[recovered")
	}
	p, _ := startProcess(t, "crasher", s.URL())
	eventually(t, func() bool { return jobs(t, c, c.DeadStream()) == 1 && jobs(t, c, "gls") == 0 }, "it is no dead letter")
	p.stop(t)
	require.Equal(t, "user=ann", lastLetter(t, c, "crash").Header.Get("baggage"))
}

// TestConnectWaitsForPeers connects while a cluster has two of its three
// servers, which is enough for it to work, but not for three replicas.
func TestConnectWaitsForPeers(t *testing.T) {
	dir := t.TempDir()
	var ports [3][2]int
	for i := range ports {
		ports[i] = [2]int{freePort(t), freePort(t)}
	}
	start := func(i int) (url string) {
		name := fmt.Sprintf("s%d", i)
		args := []any{name, ports[i][0], ports[i][1], filepath.Join(dir, name)}
		for j, other := range ports {
			if j != i {
				args = append(args, fmt.Sprintf("nats://127.0.0.1:%d", other[1]))
			}
		}
		_, url = startProcess(t, "server", args...)
		return url
	}
	url := start(0)
	start(1)
	conn, err := nats.Connect(url)
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	tooFew := func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "other", Replicas: 3})
		var api *jetstream.APIError
		return errors.As(err, &api) && api.ErrorCode == 10005
	}
	eventually(t, tooFew, "no leader, or enough servers")
	_, err = glsnats.Connect(url, glsnats.Replicas(3), glsnats.PublishDeadline(100*time.Millisecond))
	require.ErrorContains(t, err, "no suitable peers", "it says what it waited for")

	connected := spawn.Start(func() (*glsnats.Client, error) { return glsnats.Connect(url, glsnats.Replicas(3)) })
	start(2)
	c, err := connected.Wait()
	require.NoError(t, err)
	t.Cleanup(c.Close)
	require.NoError(t, c.Go("work", nil))
}
