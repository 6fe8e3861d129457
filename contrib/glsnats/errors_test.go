package glsnats_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/contrib/glsnats/embedded"
)

// limit gives a stream a limit beyond which it takes nothing.
func limit(t *testing.T, c *glsnats.Client, stream string, set func(*jetstream.StreamConfig)) {
	t.Helper()
	js, err := jetstream.New(c.Conn())
	require.NoError(t, err)
	config := streamOf(t, c, stream).CachedInfo().Config
	config.Discard = jetstream.DiscardNew
	set(&config)
	_, err = js.UpdateStream(context.Background(), config)
	require.NoError(t, err)
}

// full has room for one message.
func full(c *jetstream.StreamConfig) { c.MaxMsgs = 1 }

// TestFull has streams and servers without room: Go says so, at once.
func TestFull(t *testing.T) {
	for _, row := range []struct {
		name   string
		set    func(*jetstream.StreamConfig)
		server func(*server.Options)
		option glsnats.Option
		text   string
	}{
		{"messages", full, nil, nil, "maximum messages exceeded"},
		{"bytes", func(c *jetstream.StreamConfig) { c.MaxBytes = 300 }, nil, nil, "maximum bytes exceeded"},
		{"messages of a name", func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = 1; c.DiscardNewPerSubject = true }, nil, nil,
			"maximum messages per subject exceeded"},
		{"disk", nil, func(o *server.Options) { o.JetStreamMaxStore = 300 }, nil, "insufficient"},
		{"memory", nil, func(o *server.Options) { o.JetStreamMaxMemory = 300 }, glsnats.InMemory(), "insufficient"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, err := embedded.Start(embedded.Options(func(o *server.Options) {
				if row.server != nil {
					row.server(o)
				}
			}))
			require.NoError(t, err)
			t.Cleanup(s.Stop)
			c, err := glsnats.Connect(s.URL(), row.option, glsnats.PublishDeadline(10*patience))
			require.NoError(t, err)
			t.Cleanup(c.Close)
			if row.set != nil {
				limit(t, c, "gls", row.set)
			}
			for range 5 {
				if err = c.Go("work", make([]byte, 200)); err != nil {
					break
				}
			}
			require.ErrorIs(t, err, glsnats.ErrFull)
			require.ErrorContains(t, err, row.text)
			var api *jetstream.APIError
			require.ErrorAs(t, err, &api)
			require.NotErrorIs(t, err, context.DeadlineExceeded)
		})
	}
}

// TestNoRoomForLetters has a job die while its letter cannot be stored: it
// stays, is not run again, and becomes a letter when there is room.
func TestNoRoomForLetters(t *testing.T) {
	var told heard
	c := open(t, told.option())
	limit(t, c, c.DeadStream(), full)
	ran := make(chan string, 10)
	require.NoError(t, c.Handle("work", func(j glsnats.Job) error {
		ran <- j.ID
		return errors.Join(glsnats.ErrPermanent, errors.New("because of "+j.ID))
	}, glsnats.Backoff(soon)))
	for _, id := range []string{"a", "b"} {
		user.With("u-"+id, func() { require.NoError(t, c.Go("work", nil, glsnats.ID(id))) })
		require.Equal(t, id, receive(t, ran))
	}
	eventually(t, func() bool { return told.count(glsnats.ErrFull) > 2 }, "it is tried again, and said")
	require.EqualValues(t, 1, jobs(t, c, "gls"))
	limit(t, c, c.DeadStream(), func(c *jetstream.StreamConfig) { c.MaxMsgs = 2 })
	eventually(t, func() bool { return jobs(t, c, c.DeadStream()) == 2 && jobs(t, c, "gls") == 0 }, "there is room")
	letter := lastLetter(t, c, "work")
	require.Equal(t, "b", letter.Header.Get("Gls-Id"))
	require.Contains(t, letter.Header.Get("Gls-Error"), "because of b")
	require.Equal(t, "user=u-b", letter.Header.Get("baggage"))
	require.Empty(t, ran, "it was run again")
}

// TestServerIsDown has an error say that the server is not there.
func TestServerIsDown(t *testing.T) {
	s := startServer(t)
	c, err := glsnats.Connect(s.URL(), glsnats.PublishDeadline(300*time.Millisecond))
	require.NoError(t, err)
	t.Cleanup(c.Close)
	s.Stop()
	eventually(t, func() bool { return !c.Conn().IsConnected() }, "it is still connected")
	err = c.Go("work", nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, nats.ErrDisconnected)

	done, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, c.Go("work", nil, glsnats.Within(done)), context.Canceled)
}

// A user of a server with permissions. What is denied is the row of the test.
func startStrict(t *testing.T, publish, subscribe []string) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(embedded.Options(func(o *server.Options) {
		o.Users = []*server.User{
			{Username: "all", Password: "x"},
			{Username: "some", Password: "x", Permissions: &server.Permissions{
				Publish: &server.SubjectPermission{Deny: publish}, Subscribe: &server.SubjectPermission{Deny: subscribe},
			}},
		}
	}))
	require.NoError(t, err)
	t.Cleanup(s.Stop)
	return s
}

// TestPermissions denies a user one thing at a time. It learns that from
// whatever needs the thing, at once, and not when a job is there.
func TestPermissions(t *testing.T) {
	work := func(glsnats.Job) error { return nil }
	for _, row := range []struct {
		name               string
		publish, subscribe string // denied
		connect, handle    bool   // they fail
		submit             bool   // Go fails
	}{
		{"submit", "gls.job.work", "", false, false, true},
		{"acknowledge", "$JS.ACK.>", "", false, true, false},
		{"acknowledge in the stream", "$JS.ACK.gls.>", "", false, true, false},
		{"pull", "$JS.API.CONSUMER.MSG.NEXT.gls.*", "", false, true, false},
		{"make a consumer", "$JS.API.CONSUMER.CREATE.>", "", false, true, false},
		{"see streams", "$JS.API.STREAM.INFO.*", "", true, false, false},
		{"hear results", "", "gls.reply.>", true, false, false},
		{"hear answers", "", "_INBOX.>", true, false, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			denied := func(list string) []string {
				if list == "" {
					return nil
				}
				return []string{list}
			}
			s := startStrict(t, denied(row.publish), denied(row.subscribe))
			all, err := glsnats.Connect(s.URL(), glsnats.NATS(nats.UserInfo("all", "x")))
			require.NoError(t, err)
			t.Cleanup(all.Close)
			c, err := glsnats.Connect(s.URL(), glsnats.NATS(nats.UserInfo("some", "x")), glsnats.PublishDeadline(10*patience))
			if row.connect {
				require.ErrorIs(t, err, nats.ErrPermissionViolation)
				return
			}
			require.NoError(t, err)
			t.Cleanup(c.Close)
			check := func(fails bool, err error) {
				t.Helper()
				if fails {
					require.ErrorIs(t, err, nats.ErrPermissionViolation)
				} else {
					require.NoError(t, err)
				}
			}
			check(row.handle, c.Handle("work", work))
			check(row.submit, c.Go("work", nil))
		})
	}
}

// TestHandleAgain has a Handle that failed claim nothing.
func TestHandleAgain(t *testing.T) {
	s := startStrict(t, []string{"$JS.ACK.gls.secret.>"}, nil)
	c, err := glsnats.Connect(s.URL(), glsnats.NATS(nats.UserInfo("some", "x")))
	require.NoError(t, err)
	t.Cleanup(c.Close)
	work := func(glsnats.Job) error { return nil }
	for range 2 {
		require.ErrorIs(t, c.Handle("secret", work), nats.ErrPermissionViolation)
	}
	require.NoError(t, c.Handle("work", work))
	require.NoError(t, c.Drain(context.Background()))
}
