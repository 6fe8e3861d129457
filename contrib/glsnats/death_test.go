package glsnats_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
)

// TestIDsBelongToNames has jobs of several names with one ID.
func TestIDsBelongToNames(t *testing.T) {
	c := open(t)
	names := []string{"bill", "ship", "shi", "s"}
	ran := make(chan string, 20)
	for _, name := range names {
		require.NoError(t, c.Handle(name, func(j glsnats.Job) error { ran <- j.Name + " " + j.ID; return nil }))
	}
	// The last one would be the first one of "s" if names and IDs ran together.
	for range 2 {
		for _, name := range names {
			require.NoError(t, c.Go(name, nil, glsnats.ID("order/17")))
		}
		require.NoError(t, c.Go("s", nil, glsnats.ID("hip/order/17")))
	}
	var got []string
	for range len(names) + 1 {
		got = append(got, receive(t, ran))
	}
	require.ElementsMatch(t, []string{"bill order/17", "ship order/17", "shi order/17", "s order/17", "s hip/order/17"}, got)
	drain(t, c)
	require.Empty(t, ran)
	require.EqualValues(t, len(names)+1, c.Stats().Duplicates)
}

// TestIDsOfOthers has jobs that were published by other means, or by a process
// that did not yet qualify IDs.
func TestIDsOfOthers(t *testing.T) {
	c := open(t)
	ran := make(chan string, 10)
	require.NoError(t, c.Handle("work", func(j glsnats.Job) error { ran <- j.ID; return nil }))
	js, err := jetstream.New(c.Conn())
	require.NoError(t, err)
	for _, id := range []string{"order-17", "work", "work/", "ship/3", "work/x"} {
		_, err := js.Publish(context.Background(), "gls.job.work", nil, jetstream.WithMsgID(id))
		require.NoError(t, err)
		require.Equal(t, strings.TrimPrefix(id, "work/x")+strings.Repeat("x", strings.Count(id, "work/x")), receive(t, ran))
	}
}

// TestEveryDeathIsALetter has jobs of one ID die again and again, within the
// window in which the server tells repetitions.
func TestEveryDeathIsALetter(t *testing.T) {
	c := open(t)
	for _, name := range []string{"bill", "ship"} {
		require.NoError(t, c.Handle(name, func(j glsnats.Job) error {
			if string(j.Payload) == "slow" {
				return errors.New("no luck")
			}
			return glsnats.ErrPermanent
		}, glsnats.Tries(2), glsnats.Backoff(soon)))
	}
	require.NoError(t, c.Go("bill", []byte("slow"), glsnats.ID("17")))
	require.NoError(t, c.Go("ship", []byte("fast"), glsnats.ID("17")))
	eventually(t, func() bool { return c.Stats().Dead == 2 }, "two deaths")
	// The window of the queue has room for one bill of that ID: another stream
	// life is not needed, since what is purged is forgotten with its window.
	for n := range uint64(3) {
		publish(t, c, "bill", "17")
		eventually(t, func() bool { return c.Stats().Dead == 3+n }, "another death")
	}
	require.EqualValues(t, 5, jobs(t, c, c.DeadStream()))
	require.Zero(t, jobs(t, c, "gls"))
	eventually(t, func() bool { return jobs(t, c, "gls_tries") == 0 }, "what was known of them is forgotten")
}

// publish stores a job of that ID that the server does not take for a
// repetition.
func publish(t *testing.T, c *glsnats.Client, name, id string) {
	t.Helper()
	js, err := jetstream.New(c.Conn())
	require.NoError(t, err)
	m := message("gls.job."+name, "fast")
	m.Header.Set("Gls-Id", id)
	_, err = js.PublishMsg(context.Background(), m)
	require.NoError(t, err)
}

// runDoomed is a worker whose function does what the payload says: the URL, the
// file for what was done, how long a healthy job takes, and the tries of a job.
func runDoomed(args []string, ready func(...any)) error {
	takes, err := time.ParseDuration(args[2])
	if err != nil {
		return err
	}
	tries, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	file, err := os.OpenFile(args[1], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	c, err := glsnats.Connect(args[0], exports)
	if err != nil {
		return err
	}
	work := func(j glsnats.Job) error {
		switch string(j.Payload) {
		case "panic":
			time.Sleep(takes / 4) // the others are in flight
			panic("poison")
		case "panic elsewhere":
			time.Sleep(takes / 4)
			go panic("poison")
			select {}
		case "exit":
			time.Sleep(takes / 4)
			os.Exit(3)
		}
		time.Sleep(takes)
		_, err := fmt.Fprintf(file, "%s %s\n", j.ID, user.Get())
		return err
	}
	for _, name := range []string{"work", "other"} {
		if err := c.Handle(name, work, glsnats.AckWait(time.Second), glsnats.Tries(tries), glsnats.Backoff(soon)); err != nil {
			return err
		}
	}
	ready("ready")
	untilStopped()
	return nil
}

// A supervisor keeps a worker running, as systemd does.
type supervisor struct {
	t       *testing.T
	url     string
	file    string
	takes   time.Duration
	tries   int
	crashes int
}

// run starts the worker again and again until done returns true, and kills it
// after life, if that is not 0.
func (s *supervisor) run(done func() bool, life func() time.Duration) {
	end := time.Now().Add(3 * time.Minute)
	for !done() {
		require.Less(s.t, time.Now(), end, "it takes too long")
		p, _ := startProcess(s.t, "doomed", s.url, s.file, s.takes, s.tries)
		exited := make(chan struct{})
		go func() {
			_ = p.cmd.Wait() // it crashes, or is killed
			close(exited)
		}()
		var killed <-chan time.Time
		if d := life(); d > 0 {
			killed = time.After(d)
		}
		poll := time.NewTicker(50 * time.Millisecond)
	wait:
		for {
			select {
			case <-exited:
				s.crashes++
				break wait
			case <-killed:
				_ = p.cmd.Process.Kill()
			case <-poll.C:
				if done() {
					_ = p.cmd.Process.Kill()
				}
			}
		}
		poll.Stop()
	}
}

// done returns what the workers have done, by ID, and for whom.
func (s *supervisor) done() map[string]string {
	text, err := os.ReadFile(s.file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	require.NoError(s.t, err)
	done := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if id, who, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " "); ok {
			done[id] = who
		}
	}
	return done
}

// TestNeighboursOfACrash has a job crash its worker, in every way that there
// is, beside healthy ones of two names: it alone is buried.
func TestNeighboursOfACrash(t *testing.T) {
	for _, poison := range []string{"panic", "panic elsewhere", "exit"} {
		t.Run(poison, func(t *testing.T) {
			c := open(t)
			const healthy = 24
			for i := range healthy {
				id := fmt.Sprint("fine-", i)
				user.With("u-"+id, func() {
					require.NoError(t, c.Go([]string{"work", "other"}[i%2], []byte("fine"), glsnats.ID(id)))
				})
				if i == healthy/3 {
					user.With("eve", func() { require.NoError(t, c.Go("work", []byte(poison), glsnats.ID("poison"))) })
				}
			}
			s := &supervisor{t: t, url: c.Conn().ConnectedUrl(), file: filepath.Join(t.TempDir(), "done"), takes: 400 * time.Millisecond, tries: 2}
			s.run(func() bool {
				return len(s.done()) == healthy && jobs(t, c, c.DeadStream()) > 0 && jobs(t, c, "gls") == 0
			},
				func() time.Duration { return 0 })
			require.EqualValues(t, 1, jobs(t, c, c.DeadStream()), "it alone")
			letter := lastLetter(t, c, "work")
			require.Equal(t, "poison", letter.Header.Get("Gls-Id"))
			require.Equal(t, "user=eve", letter.Header.Get("baggage"))
			require.Equal(t, "2", letter.Header.Get("Gls-Tries"))
			for id, who := range s.done() {
				require.Equal(t, "u-"+id, who)
			}
			t.Logf("%d crashes", s.crashes)
		})
	}
}

// TestKillsOfABusyWorker kills a worker as often as a job may fail, each time
// with jobs in flight: none is buried.
func TestKillsOfABusyWorker(t *testing.T) {
	c := open(t)
	const healthy, kills = 8, 5
	for i := range healthy {
		require.NoError(t, c.Go("work", []byte("fine"), glsnats.ID(fmt.Sprint("fine-", i))))
	}
	s := &supervisor{t: t, url: c.Conn().ConnectedUrl(), file: filepath.Join(t.TempDir(), "done"), takes: 2 * time.Second, tries: kills}
	s.run(func() bool { return len(s.done()) == healthy && jobs(t, c, "gls") == 0 }, func() time.Duration {
		if s.crashes < kills {
			return time.Second + 400*time.Millisecond // past AckWait, in the midst of jobs
		}
		return 0
	})
	require.GreaterOrEqual(t, s.crashes, kills)
	require.Zero(t, jobs(t, c, c.DeadStream()))
}
