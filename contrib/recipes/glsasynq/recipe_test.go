package glsasynq_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/recipes/glsasynq"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glstest"
)

// asynq's own client and server, over a Redis in this process.
func TestTasksKeepTheirTenant(t *testing.T) {
	glstest.CheckLeaks(t)
	tenant := gls.New[string]("tenant")
	exports := []glsexport.Exported{glsexport.Export(tenant, "tenant", glsexport.String())}
	redis := asynq.RedisClientOpt{Addr: miniredis.RunT(t).Addr()}

	const tasks = 20
	seen := make(chan string, 2*tasks)
	mux := asynq.NewServeMux()
	mux.Use(glsasynq.Middleware(exports...))
	mux.HandleFunc("greet", func(ctx context.Context, task *asynq.Task) error {
		seen <- string(task.Payload()) + " " + tenant.Get()
		tenant.Set("left behind")
		if retried, _ := asynq.GetRetryCount(ctx); retried == 0 {
			return errors.New("try again")
		}
		return nil
	})
	server := asynq.NewServer(redis, asynq.Config{
		Concurrency:              4,
		LogLevel:                 asynq.FatalLevel,
		TaskCheckInterval:        10 * time.Millisecond,
		DelayedTaskCheckInterval: 10 * time.Millisecond,
		RetryDelayFunc:           func(int, error, *asynq.Task) time.Duration { return 0 },
	})
	require.NoError(t, server.Start(mux))
	client := asynq.NewClient(redis)

	want := map[string]int{"none ": 2}
	_, err := client.Enqueue(glsasynq.NewTask("greet", []byte("none"), exports))
	require.NoError(t, err)
	for i := range tasks - 1 {
		name := fmt.Sprint("Zoë ", i)
		want[name+" "+name] = 2
		tenant.With(name, func() {
			_, err := client.Enqueue(glsasynq.NewTask("greet", []byte(name), exports))
			require.NoError(t, err)
		})
	}
	got := map[string]int{}
	for range 2 * tasks { // each is tried twice
		got[<-seen]++
	}
	require.Equal(t, want, got)
	server.Shutdown()
	require.NoError(t, client.Close())
	require.Zero(t, gls.Live())
}
