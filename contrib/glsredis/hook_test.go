package glsredis_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsredis"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glslog"
	"github.com/seed18162548/contextvars/gls/glstest"
)

var request = gls.New[string]("request_id")

// A record is a line of the log, without time, level and duration.
type record map[string]any

// logger returns a logger and a function that returns what was logged since its
// last call.
func logger(t *testing.T) (*slog.Logger, func() []record) {
	t.Helper()
	var b bytes.Buffer
	return slog.New(slog.NewJSONHandler(&b, nil)), func() (list []record) {
		for d := json.NewDecoder(&b); d.More(); {
			r := record{}
			require.NoError(t, d.Decode(&r))
			require.Equal(t, "WARN", r["level"])
			require.Contains(t, r, "duration")
			delete(r, "level")
			delete(r, "duration")
			delete(r, "time")
			list = append(list, r)
		}
		return list
	}
}

// run has h process a command with the given words, which ends with err.
func run(h redis.Hook, err error, words ...any) error {
	cmd := redis.NewCmd(context.Background(), words...)
	return h.ProcessHook(func(context.Context, redis.Cmder) error { cmd.SetErr(err); return err })(context.Background(), cmd)
}

// pipe is run for a pipeline of commands that end with errs.
func pipe(h redis.Hook, errs []error, words ...string) error {
	var cmds []redis.Cmder
	var first error
	for i, w := range words {
		var args []any
		for _, arg := range strings.Fields(w) {
			args = append(args, arg)
		}
		cmd := redis.NewCmd(context.Background(), args...)
		cmd.SetErr(errs[i])
		if first == nil {
			first = errs[i]
		}
		cmds = append(cmds, cmd)
	}
	return h.ProcessPipelineHook(func(context.Context, []redis.Cmder) error { return first })(context.Background(), cmds)
}

var errRefused = errors.New("ERR unknown subcommand or wrong number of arguments for 'setinfo'")

func TestSlowCommands(t *testing.T) {
	l, logged := logger(t)
	h := glsredis.NewHook(nil, glsredis.Slow(0, l, glslog.Attr(request)), nil)
	defer request.Set("r-1").Reset()
	for _, row := range []struct {
		name  string
		err   error
		words []any
		want  []record
	}{
		{"a command", nil, []any{"GET", "secret"}, []record{{"msg": "slow command", "command": "get", "request_id": "r-1"}}},
		{"a command that failed", errors.New("WRONGTYPE secret"), []any{"incr", "secret"}, []record{{"msg": "slow command", "command": "incr", "failed": true, "request_id": "r-1"}}},
		{"no such key", redis.Nil, []any{"get", "x"}, []record{{"msg": "slow command", "command": "get", "request_id": "r-1"}}},
		{"nothing", nil, nil, []record{{"msg": "slow command", "command": "", "request_id": "r-1"}}},
		{"another of the client's", nil, []any{"CLIENT", "LIST"}, []record{{"msg": "slow command", "command": "client list", "request_id": "r-1"}}},
		{"the client's own", nil, []any{"hello", 3, "auth", "user", "password"}, nil},
		{"refused", errRefused, []any{"client", "setinfo", "LIB-NAME", "x"}, nil},
		{"one that waits", redis.Nil, []any{"BLPOP", "queue", 0}, nil},
		{"one that waits for a stream", nil, []any{"xread", "count", 1, "block", 0, "streams", "s", "0"}, nil},
		{"a stream called block", nil, []any{"xread", "streams", "block", "0"}, []record{{"msg": "slow command", "command": "xread", "request_id": "r-1"}}},
	} {
		glstest.Run(t, row.name, func(t *testing.T) {
			require.Equal(t, row.err, run(h, row.err, row.words...))
			require.Equal(t, row.want, logged())
		})
	}
}

func TestSlowPipelines(t *testing.T) {
	l, logged := logger(t)
	h := glsredis.NewHook(glsredis.Slow(0, l))
	for _, row := range []struct {
		name  string
		errs  []error
		words []string
		want  []record
	}{
		{"three", make([]error, 3), []string{"get a", "set a b", "get c"}, []record{{"msg": "slow pipeline", "commands": 3.0, "command": "get set get"}}},
		{"many", make([]error, 7), []string{"get a", "get a", "get a", "get a", "get a", "get a", "get a"}, []record{{"msg": "slow pipeline", "commands": 7.0, "command": "get get get get get …"}}},
		{"a failure behind a missing key", []error{redis.Nil, errRefused}, []string{"get a", "incr b"}, []record{{"msg": "slow pipeline", "commands": 2.0, "command": "get incr", "failed": true}}},
		{"a missing key", []error{redis.Nil, nil}, []string{"get a", "incr b"}, []record{{"msg": "slow pipeline", "commands": 2.0, "command": "get incr"}}},
		{"the client's own", []error{nil, errRefused, errRefused}, []string{"hello 3", "client setinfo LIB-NAME x", "client setinfo LIB-VER x"}, nil},
		{"the client's own among the program's", []error{errRefused, nil}, []string{"client setinfo LIB-NAME x", "get a"}, []record{{"msg": "slow pipeline", "commands": 2.0, "command": "client setinfo get"}}},
		{"one that waits", make([]error, 2), []string{"get a", "blpop b 0"}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			_ = pipe(h, row.errs, row.words...)
			require.Equal(t, row.want, logged())
		})
	}
	require.Equal(t, errRefused, pipe(h, []error{errRefused}, "get a"), "errors pass")
}

func TestArguments(t *testing.T) {
	l, logged := logger(t)
	h := glsredis.NewHook(glsredis.Slow(0, l), glsredis.SlowArgs())
	require.Error(t, run(h, errors.New("no"), "set", []byte("k"), 7))
	_ = pipe(h, make([]error, 2), "auth password", "get a")
	require.NoError(t, run(h, nil))
	require.Equal(t, []record{
		{"msg": "slow command", "command": "set", "args": []any{"set", "k", "7"}, "failed": true, "error": "no"},
		{"msg": "slow pipeline", "commands": 2.0, "command": "auth get", "args": []any{[]any{"get", "a"}}},
		{"msg": "slow command", "command": "", "args": []any{}},
	}, logged())
}

func TestThreshold(t *testing.T) {
	l, logged := logger(t)
	h := glsredis.NewHook(glsredis.Slow(time.Hour, l))
	require.NoError(t, run(h, nil, "get", "a"))
	require.NoError(t, pipe(h, make([]error, 1), "get a"))
	require.NoError(t, run(glsredis.NewHook(), nil, "get", "a"))
	require.Empty(t, logged())
}

func TestStats(t *testing.T) {
	before := glsredis.ReadStats()
	h := glsredis.NewHook()
	_ = run(h, nil, "get", "a")
	_ = run(h, redis.Nil, "get", "a")
	_ = run(h, errRefused, "incr", "a")
	_ = run(h, errRefused, "client", "setinfo", "LIB-NAME", "x")
	_ = pipe(h, []error{errRefused, errRefused}, "hello 3", "client setinfo LIB-NAME x")
	_ = pipe(h, []error{errRefused, nil}, "client setinfo LIB-NAME x", "get a")
	_ = pipe(h, []error{nil, errRefused}, "get a", "incr a")
	after := glsredis.ReadStats()
	require.EqualValues(t, 3, after.Commands-before.Commands)
	require.EqualValues(t, 2, after.Pipelines-before.Pipelines)
	require.EqualValues(t, 2, after.Failed-before.Failed)
	require.Zero(t, after.Slow-before.Slow)
}

// TestDefaultLogger checks that a nil logger means slog's current default.
func TestDefaultLogger(t *testing.T) {
	h := glsredis.NewHook(glsredis.Slow(0, nil, glslog.Attr(request)))
	before := slog.Default()
	defer slog.SetDefault(before)
	l, logged := logger(t)
	slog.SetDefault(l)
	defer request.Set("r-1").Reset()
	require.NoError(t, run(h, nil, "get", "a"))
	require.Len(t, logged(), 1)
}

// TestImplicitContext checks that a context without values counts as none.
func TestImplicitContext(t *testing.T) {
	type key struct{}
	implicit := context.WithValue(context.Background(), key{}, "implicit")
	explicit := context.WithValue(context.Background(), key{}, "explicit")
	var got any
	h := glsredis.NewHook()
	process := h.ProcessHook(func(ctx context.Context, _ redis.Cmder) error { got = ctx.Value(key{}); return nil })
	pipeline := h.ProcessPipelineHook(func(ctx context.Context, _ []redis.Cmder) error { got = ctx.Value(key{}); return nil })
	cmd := redis.NewCmd(context.Background(), "get", "a")
	glsctx.With(implicit, func() {
		require.NoError(t, process(context.Background(), cmd))
		require.Equal(t, "implicit", got)
		require.NoError(t, process(explicit, cmd))
		require.Equal(t, "explicit", got)
		require.NoError(t, pipeline(context.TODO(), []redis.Cmder{cmd}))
		require.Equal(t, "implicit", got)
		limited, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		require.NoError(t, process(limited, cmd))
		require.Equal(t, "implicit", got)
	})
	require.NoError(t, process(context.Background(), cmd))
	require.Nil(t, got)
}

// TestPanicsPass checks that panics and runtime.Goexit pass through.
func TestPanicsPass(t *testing.T) {
	h := glsredis.NewHook(glsredis.Slow(0, nil))
	cmd := redis.NewCmd(context.Background(), "get", "a")
	require.PanicsWithValue(t, "theirs", func() {
		_ = h.ProcessHook(func(context.Context, redis.Cmder) error { panic("theirs") })(context.Background(), cmd)
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = h.ProcessPipelineHook(func(context.Context, []redis.Cmder) error { runtime.Goexit(); return nil })(context.Background(), []redis.Cmder{cmd})
		t.Error("Goexit must pass")
	}()
	<-done
}

// TestCost checks that commands that are neither slow nor failed cost no
// memory.
func TestCost(t *testing.T) {
	l, _ := logger(t)
	h := glsredis.NewHook(glsredis.Slow(time.Hour, l, glslog.Attr(request)))
	cmd := redis.NewCmd(context.Background(), "get", "a")
	process := h.ProcessHook(func(context.Context, redis.Cmder) error { return nil })
	defer request.Set("r-1").Reset()
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = process(context.Background(), cmd) }))
}
