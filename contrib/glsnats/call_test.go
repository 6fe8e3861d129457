package glsnats_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/spawn"
)

type size struct{ Width, Height int }

func TestCall(t *testing.T) {
	c := open(t)
	require.NoError(t, c.Handle("half", func(j glsnats.Job) error {
		var in size
		if err := j.Decode(&in); err != nil {
			return fmt.Errorf("%w: %w", glsnats.ErrPermanent, err)
		}
		if in.Width < 0 && j.Try < 3 {
			return errors.New("negative")
		}
		if err := j.Return("replaced below"); err != nil {
			return err
		}
		return j.Return(size{in.Width / 2, in.Height / 2})
	}, glsnats.Backoff(soon)))
	require.NoError(t, c.Handle("nothing", func(glsnats.Job) error { return nil }))
	require.NoError(t, c.Handle("fail", func(glsnats.Job) error { return errors.New("no luck") }, glsnats.Tries(2), glsnats.Backoff(soon)))
	require.NoError(t, c.Handle("bytes", func(j glsnats.Job) error { return j.Return(append(j.Payload, '!')) }))
	require.NoError(t, c.Handle("big", func(j glsnats.Job) error {
		err := j.Return(make([]byte, 2<<20))
		return fmt.Errorf("%w: %w", glsnats.ErrPermanent, err)
	}))

	got, err := glsnats.Call[size](c, "half", size{640, 480})
	require.NoError(t, err)
	require.Equal(t, size{320, 240}, got)

	got, err = glsnats.Call[size](c, "half", size{-2, 2})
	require.NoError(t, err, "at the third try")
	require.Equal(t, size{-1, 1}, got)

	got, err = glsnats.Call[size](c, "nothing", nil)
	require.NoError(t, err)
	require.Zero(t, got)

	text, err := glsnats.Call[[]byte](c, "bytes", []byte("hi"))
	require.NoError(t, err)
	require.Equal(t, "hi!", string(text))

	_, err = glsnats.Call[string](c, "half", size{})
	require.ErrorContains(t, err, "result of half")

	var failure *glsnats.JobError
	_, err = glsnats.Call[size](c, "fail", nil, glsnats.ID("f-1"))
	require.ErrorIs(t, err, glsnats.ErrFailed)
	require.ErrorAs(t, err, &failure)
	require.Equal(t, glsnats.JobError{Name: "fail", ID: "f-1", Text: "no luck"}, *failure)

	_, err = glsnats.Call[size](c, "half", []byte("no JSON"))
	require.ErrorIs(t, err, glsnats.ErrFailed)
	require.ErrorContains(t, err, "payload of half")

	_, err = glsnats.Call[size](c, "big", nil)
	require.ErrorContains(t, err, nats.ErrMaxPayload.Error())

	_, err = glsnats.Call[size](c, "half", size{}, glsnats.ID("twice"))
	require.NoError(t, err)
	_, err = glsnats.Call[size](c, "half", size{}, glsnats.ID("twice"))
	require.ErrorIs(t, err, glsnats.ErrDuplicate)

	_, err = glsnats.Call[size](c, "half", func() {})
	require.ErrorContains(t, err, "payload of half")
	require.ErrorIs(t, c.Go("half", make([]byte, 2<<20)), nats.ErrMaxPayload)
}

// TestCallsGetTheirOwnResults has many callers at once, on several connections.
func TestCallsGetTheirOwnResults(t *testing.T) {
	s := startServer(t)
	require.NoError(t, connect(t, s).Handle("who", func(j glsnats.Job) error { return j.Return(user.Get() + " " + string(j.Payload)) }))
	var group spawn.Group
	for range 3 {
		c := connect(t, s)
		for i := range 50 {
			group.Go(func() (err error) {
				name := fmt.Sprintf("u-%d-%p", i, c)
				user.With(name, func() {
					var got string
					got, err = glsnats.Call[string](c, "who", []byte(name))
					if err == nil && got != name+" "+name {
						err = fmt.Errorf("%s got %s", name, got)
					}
				})
				return err
			})
		}
	}
	require.NoError(t, group.Wait())
}

func TestCallEnds(t *testing.T) {
	c := open(t, glsnats.CallTimeout(100*time.Millisecond))
	_, err := glsnats.Call[int](c, "nobody", nil)
	require.ErrorIs(t, err, glsnats.ErrNoResult)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.EqualValues(t, 1, jobs(t, c, "gls"), "the job waits for a worker")

	done, cancel := context.WithCancel(context.Background())
	cancel()
	glsctx.With(done, func() {
		require.ErrorIs(t, c.Go("nobody", nil), context.Canceled)
		require.NoError(t, c.Go("nobody", nil, glsnats.Within(context.Background())))
	})
	require.ErrorIs(t, c.Go("nobody", nil, glsnats.Within(done)), context.Canceled)

	c = open(t)
	called := make(chan error, 1)
	spawn.Go(func() {
		_, err := glsnats.Call[int](c, "nobody", nil)
		called <- err
	})
	eventually(t, func() bool { return jobs(t, c, "gls") == 1 }, "it is not stored")
	c.Close()
	require.ErrorIs(t, receive(t, called), glsnats.ErrClosed)
}

// TestReplySubjects has producers name subjects to which no result must go.
func TestReplySubjects(t *testing.T) {
	c := open(t)
	require.NoError(t, c.Handle("work", func(j glsnats.Job) error { return j.Return("x") }))
	all, err := c.Conn().SubscribeSync(">")
	require.NoError(t, err)
	for _, reply := range []string{"gls.job.work", "$JS.API.STREAM.DELETE.gls", "gls.reply.", "gls.reply.a", "gls.reply.a.", "gls.reply..b",
		"gls.reply.a.b.c", "gls.reply.a.alive", "gls.reply.*.b", "gls.reply.a.>", "gls.reply.a.b c", "gls.reply.a.ok"} {
		m := nats.NewMsg("gls.job.work")
		m.Header.Set("Gls-Reply", reply)
		_, err := c.Conn().RequestMsg(m, patience)
		require.NoError(t, err)
	}
	var got []string
	for len(got) == 0 || got[len(got)-1] != "gls.reply.a.ok" {
		m, err := all.NextMsg(patience)
		require.NoError(t, err)
		if string(m.Data) == `"x"` {
			got = append(got, m.Subject)
		}
	}
	require.Equal(t, []string{"gls.reply.a.ok"}, got)
}
