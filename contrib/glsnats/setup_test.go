package glsnats_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/contrib/glsnats/embedded"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// What the jobs of these tests carry, and what they must not.
var (
	user    = gls.New[string]("user")
	tenant  = gls.New[string]("tenant")
	secret  = gls.New("secret", gls.NoInherit[string]())
	private = gls.New[string]("private")
	depth   = gls.New("depth", gls.OnFork(func(n int) int { return n + 1 }))
)

var exports = glsnats.Exports(
	glsexport.Export(user, "user", glsexport.String()),
	glsexport.ExportHeader(tenant, "X-Tenant", glsexport.String()),
	glsexport.Export(secret, "secret", glsexport.String()),
	glsexport.Export(depth, "depth", glsexport.Int()),
)

// patience is for what takes milliseconds on an idle machine.
const patience = 30 * time.Second

func startServer(t testing.TB) *embedded.Server {
	t.Helper()
	s, err := embedded.Start()
	require.NoError(t, err)
	t.Cleanup(s.Stop)
	return s
}

// connect returns a Client that fails the test for errors that were not
// expected, and is closed with it.
func connect(t testing.TB, s *embedded.Server, opts ...glsnats.Option) *glsnats.Client {
	t.Helper()
	all := append([]glsnats.Option{exports, glsnats.OnError(func(err error) { t.Errorf("OnError: %v", err) })}, opts...)
	c, err := glsnats.Connect(s.URL(), all...)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// open is startServer and connect.
func open(t testing.TB, opts ...glsnats.Option) *glsnats.Client {
	t.Helper()
	return connect(t, startServer(t), opts...)
}

func drain(t testing.TB, c *glsnats.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	require.NoError(t, c.Drain(ctx))
}

// at returns the nth value of what a function does per try: the last one for
// all that follow.
func at[T any](values []T, try int) T { return values[min(try, len(values))-1] }

// soon is a Backoff for tests.
func soon(int) time.Duration { return 10 * time.Millisecond }

// receive waits for the next value of ch.
func receive[T any](t testing.TB, ch <-chan T) T {
	t.Helper()
	select {
	case x := <-ch:
		return x
	case <-time.After(patience):
		require.FailNow(t, "nothing came")
		panic("not reached")
	}
}

// eventually waits until ok returns true.
func eventually(t testing.TB, ok func() bool, what string) {
	t.Helper()
	require.Eventually(t, ok, patience, 5*time.Millisecond, what)
}

// A tally counts strings. It may be used from any goroutine.
type tally struct {
	mu sync.Mutex
	n  map[string]int // guarded by mu
}

func (c *tally) add(s string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[string]int{}
	}
	c.n[s]++
	return c.n[s]
}

func (c *tally) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.n)
}

// message returns a message to subject.
func message(subject, payload string) *nats.Msg {
	m := nats.NewMsg(subject)
	m.Data = []byte(payload)
	return m
}
