package glsnats_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/spawn"
)

// letters returns the dead letters of a name.
func letters(t *testing.T, c *glsnats.Client, name string) (ls []glsnats.Letter) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for l, err := range c.Letters(ctx, name) {
		require.NoError(t, err)
		ls = append(ls, l)
	}
	return ls
}

// TestRedrive has jobs die, run again, die again, and be done at last.
func TestRedrive(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c := open(t)
	var well atomic.Bool
	var ran tally
	for _, name := range []string{"bill", "ship"} {
		require.NoError(t, c.Handle(name, func(j glsnats.Job) error {
			if got := user.Get(); got != "u-"+j.ID {
				t.Errorf("%s %s ran as %q", j.Name, j.ID, got)
			}
			if !well.Load() {
				return fmt.Errorf("%s is ill", j.ID)
			}
			ran.add(j.Name + " " + j.ID + " " + string(j.Payload))
			return nil
		}, glsnats.Tries(2), glsnats.Backoff(soon)))
	}
	const each = 4
	for i := range each {
		id := fmt.Sprint(i)
		user.With("u-"+id, func() {
			require.NoError(t, c.Go("bill", []byte("p"+id), glsnats.ID(id)))
			require.NoError(t, c.Go("ship", []byte("p"+id), glsnats.ID(id)))
		})
	}
	eventually(t, func() bool { return c.Stats().Dead == 2*each }, "all die")
	require.Len(t, letters(t, c, ""), 2*each)
	bills := letters(t, c, "bill")
	require.Len(t, bills, each)
	for _, l := range bills {
		require.Equal(t, "bill", l.Name)
		require.Equal(t, "p"+l.ID, string(l.Payload))
		require.Equal(t, l.ID+" is ill", l.Error)
		require.Equal(t, 2, l.Failed)
		require.WithinDuration(t, time.Now(), l.Died, time.Hour)
		require.Equal(t, "user=u-"+l.ID, l.Header.Get("baggage"))
	}

	// They die again, once and twice, and each is a letter.
	for round := range uint64(2) {
		n, err := c.RedriveAll(ctx, "bill")
		require.NoError(t, err)
		require.Equal(t, each, n)
		eventually(t, func() bool { return c.Stats().Dead == 2*each+(round+1)*each }, "all bills die again")
		again := letters(t, c, "bill")
		require.Len(t, again, each)
		require.Len(t, letters(t, c, "ship"), each, "nobody asked for these")
		for _, l := range again {
			require.Greater(t, l.Seq, bills[each-1].Seq)
			require.Equal(t, 2, l.Failed)
		}
	}

	// One by one, twice at the same time, and all.
	well.Store(true)
	one := letters(t, c, "ship")[0]
	var group spawn.Group
	for range 4 {
		group.Go(func() error {
			if err := c.Redrive(ctx, one.Seq); !errors.Is(err, glsnats.ErrNoLetter) {
				return err
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	require.ErrorIs(t, c.Redrive(ctx, one.Seq), glsnats.ErrNoLetter)
	n, err := c.RedriveAll(ctx, "")
	require.NoError(t, err)
	require.Equal(t, 2*each-1, n)
	eventually(t, func() bool { return ran.len() == 2*each }, "all are done")
	require.Empty(t, letters(t, c, ""))
	drain(t, c)
	for i := range each {
		for _, name := range []string{"bill", "ship"} {
			require.Equal(t, 2, ran.add(fmt.Sprintf("%s %d p%d", name, i, i)), "it ran once")
		}
	}
}

func TestRedriveNothing(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c := open(t)
	n, err := c.RedriveAll(ctx, "")
	require.NoError(t, err)
	require.Zero(t, n)
	require.ErrorIs(t, c.Redrive(ctx, 1), glsnats.ErrNoLetter)
	_, err = c.RedriveAll(ctx, "no name")
	require.ErrorIs(t, err, glsnats.ErrName)
	c.Close()
	_, err = c.RedriveAll(ctx, "")
	require.ErrorIs(t, err, glsnats.ErrClosed)
	require.ErrorIs(t, c.Redrive(ctx, 1), glsnats.ErrClosed)
}

// TestRedriveIntoAFullQueue keeps the letter of a job that cannot be stored.
func TestRedriveIntoAFullQueue(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c := open(t)
	require.NoError(t, c.Handle("work", func(glsnats.Job) error { return glsnats.ErrPermanent }))
	require.NoError(t, c.Go("work", nil))
	eventually(t, func() bool { return c.Stats().Dead == 1 }, "it dies")
	limit(t, c, "gls", full)
	require.NoError(t, c.Go("nobody", nil))
	_, err := c.RedriveAll(ctx, "work")
	require.ErrorIs(t, err, glsnats.ErrFull)
	require.Len(t, letters(t, c, "work"), 1)
}

func TestMetrics(t *testing.T) {
	s := startServer(t)
	c := connect(t, s)
	started, end := make(chan struct{}, 1), make(chan struct{})
	require.NoError(t, c.Handle("work", func(glsnats.Job) error { started <- struct{}{}; <-end; return nil }))
	require.NoError(t, c.Handle("dies", func(glsnats.Job) error { return glsnats.ErrPermanent }))
	require.NoError(t, c.Go("work", nil))
	require.NoError(t, c.Go("dies", nil))
	require.NoError(t, c.Go("nobody", nil))
	receive(t, started)
	eventually(t, func() bool { return c.Stats().Dead == 1 && jobs(t, c, "gls") == 2 }, "it dies")
	get := func() string {
		w := httptest.NewRecorder()
		c.Metrics().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		require.Equal(t, "text/plain; version=0.0.4; charset=utf-8", w.Header().Get("Content-Type"))
		text, err := io.ReadAll(w.Body)
		require.NoError(t, err)
		return string(text)
	}
	text := get()
	for _, line := range []string{
		`glsnats_submitted_total{stream="gls"} 3`,
		`glsnats_dead_total{stream="gls"} 1`,
		`glsnats_running{stream="gls"} 1`,
		`glsnats_server_up{stream="gls"} 1`,
		`glsnats_dead_letters{stream="gls"} 1`,
		`glsnats_queued{stream="gls",name="nobody"} 1`,
		`glsnats_handled{stream="gls",name="nobody"} 0`,
		`glsnats_taken{stream="gls",name="work"} 1`,
		`glsnats_handled{stream="gls",name="work"} 1`,
		"# TYPE glsnats_submitted_total counter",
	} {
		require.Contains(t, text, line+"\n")
	}
	require.Regexp(t, `(?m)^glsnats_oldest_seconds\{stream="gls"\} [0-9.e-]+$`, text)
	require.Regexp(t, `^(# (HELP|TYPE) glsnats_[a-z_]+ .+\n|glsnats_[a-z_]+\{[^}]+\} \S+\n)+$`, text)
	close(end)
	c.Close()
	require.Contains(t, get(), `glsnats_server_up{stream="gls"} 0`)
}
