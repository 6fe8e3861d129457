package glsnats_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/gls"
)

// TestTries has functions end in every way that there is, one per try.
func TestTries(t *testing.T) {
	ok := func() error { return nil }
	fail := func() error { return errors.New("no\r\nluck") }
	goexit := func() error { runtime.Goexit(); return nil }
	permanent := func() error { return fmt.Errorf("%w: no such picture", glsnats.ErrPermanent) }

	c := open(t)
	for i, test := range []struct {
		name  string
		tries []func() error
		runs  int
		dead  string // the error in the letter, or ""
	}{
		{"succeeds", []func() error{ok}, 1, ""},
		{"succeeds at last", []func() error{fail, goexit, ok}, 3, ""},
		{"fails", []func() error{fail}, 3, "no  luck"},
		{"fails for good", []func() error{fail, permanent}, 2, "glsnats: permanent failure: no such picture"},
		{"never returns", []func() error{goexit}, 3, "the function called runtime.Goexit"},
	} {
		t.Run(test.name, func(t *testing.T) {
			name := fmt.Sprintf("try%d", i)
			ran := make(chan glsnats.Job, 10)
			require.NoError(t, c.Handle(name, func(j glsnats.Job) error {
				if got := look(); got.User != "ann" || got.Bound != 1 {
					t.Errorf("try %d ran as %+v", j.Try, got)
				}
				ran <- j
				return at(test.tries, j.Try)()
			}, glsnats.Tries(3), glsnats.Backoff(soon)))
			before := c.Stats()
			user.With("ann", func() { require.NoError(t, c.Go(name, []byte("p"), glsnats.ID("id-"+name))) })
			for try := 1; try <= test.runs; try++ {
				j := receive(t, ran)
				require.Equal(t, try, j.Try)
				require.Equal(t, "id-"+name, j.ID)
			}
			eventually(t, func() bool {
				n := c.Stats()
				return n.Done+n.Dead == before.Done+before.Dead+1 && jobs(t, c, "gls") == 0
			}, "the job does not leave the queue")
			require.Empty(t, ran)
			if test.dead == "" {
				require.EqualValues(t, before.Done+1, c.Stats().Done)
				return
			}
			letter := lastLetter(t, c, name)
			require.Equal(t, test.dead, letter.Header.Get("Gls-Error"))
			require.Equal(t, fmt.Sprint(test.runs), letter.Header.Get("Gls-Tries"))
			require.Equal(t, "user=ann", letter.Header.Get("baggage"), "whose job it was")
			require.Equal(t, "id-"+name, letter.Header.Get("Gls-Id"))
			require.Equal(t, "p", string(letter.Data))
		})
	}
}

// jobs returns the number of messages in a stream.
func jobs(t testing.TB, c *glsnats.Client, stream string) uint64 {
	t.Helper()
	return streamOf(t, c, stream).CachedInfo().State.Msgs
}

func streamOf(t testing.TB, c *glsnats.Client, name string) jetstream.Stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	js, err := jetstream.New(c.Conn())
	require.NoError(t, err)
	s, err := js.Stream(ctx, name)
	require.NoError(t, err)
	return s
}

func lastLetter(t testing.TB, c *glsnats.Client, name string) *jetstream.RawStreamMsg {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	m, err := streamOf(t, c, c.DeadStream()).GetLastMsgForSubject(ctx, "gls.dead."+name)
	require.NoError(t, err)
	return m
}

// TestBackoff checks that a job rests as long as Backoff says, and that others
// run meanwhile.
func TestBackoff(t *testing.T) {
	c := open(t)
	const rest = 300 * time.Millisecond
	ran := make(chan string, 10)
	asked := make(chan int, 10)
	require.NoError(t, c.Handle("work", func(j glsnats.Job) error {
		ran <- j.ID
		if j.ID == "bad" && j.Try < 3 {
			return errors.New("not yet")
		}
		return nil
	}, glsnats.InFlight(1), glsnats.Backoff(func(n int) time.Duration { asked <- n; return rest })))
	begin := time.Now()
	require.NoError(t, c.Go("work", nil, glsnats.ID("bad")))
	require.Equal(t, "bad", receive(t, ran))
	require.NoError(t, c.Go("work", nil, glsnats.ID("good")))
	require.Equal(t, "good", receive(t, ran))
	require.Equal(t, "bad", receive(t, ran))
	require.Equal(t, "bad", receive(t, ran))
	require.GreaterOrEqual(t, time.Since(begin), 2*rest)
	require.Equal(t, []int{1, 2}, []int{receive(t, asked), receive(t, asked)})
}

func TestIDs(t *testing.T) {
	c := open(t)
	var ran tally
	require.NoError(t, c.Handle("work", func(j glsnats.Job) error {
		ran.add(j.ID)
		return nil
	}))
	for range 3 {
		require.NoError(t, c.Go("work", nil, glsnats.ID("order-17")))
	}
	for range 3 {
		require.NoError(t, c.Go("work", nil))
	}
	eventually(t, func() bool { return ran.len() == 4 }, "one of the ID, three of their own")
	drain(t, c)
	require.EqualValues(t, 4, c.Stats().Runs)
	require.EqualValues(t, 2, c.Stats().Duplicates)

	for _, id := range []string{"", "with space", "line\nbreak", "ümlaut", strings.Repeat("x", 257)} {
		require.ErrorIs(t, c.Go("work", nil, glsnats.ID(id)), glsnats.ErrID, "%q", id)
	}
}

// TestLongJobs has a function run for longer than AckWait: nobody else gets the
// job.
func TestLongJobs(t *testing.T) {
	s := startServer(t)
	started := make(chan int, 10)
	end := make(chan struct{})
	for range 2 {
		c := connect(t, s)
		require.NoError(t, c.Handle("long", func(j glsnats.Job) error {
			started <- j.Try
			<-end
			return nil
		}, glsnats.AckWait(time.Second)))
	}
	c := connect(t, s)
	require.NoError(t, c.Go("long", nil))
	require.Equal(t, 1, receive(t, started))
	select {
	case try := <-started:
		t.Errorf("it was run again while it ran, as try %d", try)
	case <-time.After(3 * time.Second):
	}
	close(end)
	eventually(t, func() bool { return jobs(t, c, "gls") == 0 }, "it is not done")
	require.Empty(t, started)
}

// TestInFlight checks that a worker runs as many jobs as it may, no more, and
// takes none that another could run.
func TestInFlight(t *testing.T) {
	s := startServer(t)
	const limit, jobs = 3, 7
	started := make(chan int, jobs)
	end := make(chan struct{})
	handle := func(worker, limit int) {
		require.NoError(t, connect(t, s).Handle("work", func(glsnats.Job) error {
			started <- worker
			<-end
			return nil
		}, glsnats.InFlight(limit)))
	}
	handle(1, limit)
	c := connect(t, s)
	for range jobs {
		require.NoError(t, c.Go("work", nil))
	}
	for range limit {
		require.Equal(t, 1, receive(t, started))
	}
	handle(2, jobs) // finds all that the first cannot run
	for range jobs - limit {
		require.Equal(t, 2, receive(t, started))
	}
	close(end)
}

func TestHandlerPolicies(t *testing.T) {
	func() {
		defer func() {
			err, _ := recover().(error)
			require.ErrorIs(t, err, gls.ErrNilFunc)
			require.ErrorContains(t, err, "glsnats.Backoff")
		}()
		glsnats.Backoff(nil)
	}()
	require.Panics(t, func() { glsnats.OnError(nil) })
	c := open(t)
	require.Panics(t, func() { _ = c.Handle("work", nil) })
	work := func(glsnats.Job) error { return nil }
	for _, name := range []string{"", "a.b", "a b", "*", ">", strings.Repeat("x", 65), "ü"} {
		require.ErrorIs(t, c.Handle(name, work), glsnats.ErrName, "%q", name)
		require.ErrorIs(t, c.Go(name, nil), glsnats.ErrName, "%q", name)
		_, err := glsnats.Connect("nats://127.0.0.1:1", glsnats.Stream(name))
		require.ErrorIs(t, err, glsnats.ErrName, "%q", name)
	}
	require.NoError(t, c.Handle("work", work))
	require.ErrorIs(t, c.Handle("work", work), glsnats.ErrHandled)
}
