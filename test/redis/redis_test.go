//go:build gls_servers

package redis

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsredis"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glslog"
	"github.com/seed18162548/contextvars/spawn"
)

var (
	request = gls.New[string]("request_id")
	bg      = context.Background()
)

// A line is what the log has of a command or pipeline.
type line struct {
	Msg       string
	Command   string
	Commands  int
	Failed    bool
	RequestID string `json:"request_id"`
	Args      json.RawMessage
}

// A lines is what was logged.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer // guarded by mu
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// take returns what was logged since the last call.
func (l *lines) take(t *testing.T) (list []line) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for d := json.NewDecoder(&l.b); d.More(); {
		var one line
		require.NoError(t, d.Decode(&one))
		list = append(list, one)
	}
	return list
}

// start starts a server and returns its address.
func start(t *testing.T) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := l.Addr().(*net.TCPAddr).Port
	addr = l.Addr().String()
	require.NoError(t, l.Close())
	cmd := exec.Command("redis-server", "--port", strconv.Itoa(port), "--bind", "127.0.0.1",
		"--save", "", "--dir", t.TempDir(), "--enable-debug-command", "yes")
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	require.NoError(t, cmd.Start(), "is it installed?")
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
		}
		return err == nil || len(ended) > 0
	}, time.Minute, 5*time.Millisecond)
	require.Empty(t, ended, "%s", &log)
	return addr
}

// open returns a client with a hook that logs what takes threshold or longer.
func open(t *testing.T, addr string, threshold time.Duration, opts ...glsredis.Option) (*redis.Client, *lines) {
	t.Helper()
	l := new(lines)
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	t.Cleanup(func() { require.NoError(t, rdb.Close()) })
	rdb.AddHook(glsredis.NewHook(append(opts,
		glsredis.Slow(threshold, slog.New(slog.NewJSONHandler(l, nil)), glslog.Attr(request)))...))
	return rdb, l
}

// TestHandshake: what the client says when it connects is no command of the
// program, and neither slow nor failed if the server refuses it, as one before
// 7.2 refuses CLIENT SETINFO.
func TestHandshake(t *testing.T) {
	addr := start(t)
	before := glsredis.ReadStats()
	rdb, l := open(t, addr, 0)
	defer request.Set("r-1").Reset()
	require.NoError(t, rdb.Set(bg, "k", "v", 0).Err())
	require.Equal(t, "v", rdb.Get(bg, "k").Val())
	require.Equal(t, []line{
		{Msg: "slow command", Command: "set", RequestID: "r-1"},
		{Msg: "slow command", Command: "get", RequestID: "r-1"},
	}, l.take(t))
	after := glsredis.ReadStats()
	require.EqualValues(t, 2, after.Commands-before.Commands)
	require.EqualValues(t, 0, after.Pipelines-before.Pipelines)
	require.EqualValues(t, 0, after.Failed-before.Failed)

	version := rdb.InfoMap(bg, "server").Item("Server", "redis_version")
	refused := rdb.Do(bg, "client", "setinfo", "LIB-NAME", "x").Err()
	if strings.HasPrefix(version, "7.0.") {
		require.ErrorContains(t, refused, "setinfo", "this is the server that refuses it")
	}
	require.EqualValues(t, 0, glsredis.ReadStats().Failed-before.Failed)
}

// TestSlow: with a threshold, only what the server takes long for is logged.
func TestSlow(t *testing.T) {
	rdb, l := open(t, start(t), 300*time.Millisecond)
	defer request.Set("r-1").Reset()
	require.NoError(t, rdb.Ping(bg).Err())
	l.take(t) // connecting may have been slow
	const sleep = "0.35"
	require.NoError(t, rdb.Do(bg, "DEBUG", "SLEEP", sleep).Err())
	_, err := rdb.Pipelined(bg, func(p redis.Pipeliner) error {
		p.Set(bg, "secret", "secret", 0)
		p.Do(bg, "DEBUG", "SLEEP", sleep)
		return nil
	})
	require.NoError(t, err)
	require.ErrorIs(t, rdb.BLPop(bg, time.Second, "queue").Err(), redis.Nil) // waits by design
	got := l.take(t)
	require.Contains(t, got, line{Msg: "slow command", Command: "debug", RequestID: "r-1"})
	require.Contains(t, got, line{Msg: "slow pipeline", Command: "set debug", Commands: 2, RequestID: "r-1"})
	require.NotContains(t, fmt.Sprint(got), "blpop")
}

// TestFailures: an error of the server is one, a missing key is none.
func TestFailures(t *testing.T) {
	rdb, l := open(t, start(t), 0, glsredis.SlowArgs())
	require.NoError(t, rdb.Set(bg, "text", "x", 0).Err())
	l.take(t)
	before := glsredis.ReadStats()
	require.Error(t, rdb.Incr(bg, "text").Err())
	require.ErrorIs(t, rdb.Get(bg, "missing").Err(), redis.Nil)
	_, err := rdb.TxPipelined(bg, func(p redis.Pipeliner) error {
		p.Get(bg, "missing")
		p.Incr(bg, "text")
		return nil
	})
	require.Error(t, err)
	got := l.take(t)
	require.Len(t, got, 3)
	require.True(t, got[0].Failed)
	require.JSONEq(t, `["incr","text"]`, string(got[0].Args))
	require.False(t, got[1].Failed)
	require.True(t, got[2].Failed, "though the first error is of the missing key")
	require.EqualValues(t, 2, glsredis.ReadStats().Failed-before.Failed)
}

// TestEveryRequestItsOwn: many at once, over few connections.
func TestEveryRequestItsOwn(t *testing.T) {
	rdb, l := open(t, start(t), 0, glsredis.SlowArgs())
	var wg spawn.WaitGroup
	const requests, commands = 40, 25
	for i := range requests {
		wg.Go(func() {
			id := fmt.Sprint("r-", i)
			defer request.Set(id).Reset()
			for j := range commands {
				var err error
				if j%2 == 0 {
					err = rdb.Set(bg, id, j, 0).Err()
				} else {
					_, err = rdb.Pipelined(bg, func(p redis.Pipeliner) error { p.Get(bg, id); return nil })
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	got := l.take(t)
	require.Len(t, got, requests*commands)
	for _, one := range got {
		require.Contains(t, string(one.Args), strconv.Quote(one.RequestID))
	}
}

// TestImplicitDeadline ends a command that is called without a context.
func TestImplicitDeadline(t *testing.T) {
	rdb := redis.NewClient(&redis.Options{Addr: start(t), ContextTimeoutEnabled: true, MaxRetries: -1})
	defer rdb.Close()
	rdb.AddHook(glsredis.NewHook())
	require.NoError(t, rdb.Ping(bg).Err())
	ctx, cancel := context.WithTimeout(bg, 50*time.Millisecond)
	defer cancel()
	glsctx.With(ctx, func() {
		// Without the deadline, it would end with redis.Nil after a minute.
		err := rdb.BLPop(bg, time.Minute, "queue").Err()
		require.Error(t, err)
		require.NotErrorIs(t, err, redis.Nil)
	})
}
