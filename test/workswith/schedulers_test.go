package workswith_test

import (
	"testing"
	"time"

	"github.com/go-co-op/gocron/v2"
	"github.com/robfig/cron/v3"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
)

// always is a schedule of cron.
type always struct{}

func (always) Next(now time.Time) time.Time { return now.Add(time.Millisecond) }

// everyRun returns what the first runs of a job saw.
func everyRun(start func(job func()) (stop func())) (answers []string) {
	const runs = 5
	seenBy := make(chan string, runs)
	stop := start(func() {
		select {
		case seenBy <- seen():
		default: // enough
		}
	})
	defer stop()
	for range runs {
		answers = append(answers, <-seenBy)
	}
	return answers
}

func requireEvery(t *testing.T, want string, answers []string) {
	t.Helper()
	for _, got := range answers {
		require.Equal(t, want, got)
	}
}

func TestCron(t *testing.T) {
	defer user.Set("starter").Reset()
	start := func(wrap func(func()) func(), opts ...cron.Option) func(func()) func() {
		return func(job func()) func() {
			c := cron.New(opts...)
			c.Schedule(always{}, cron.FuncJob(wrap(job)))
			c.Start()
			return func() { <-c.Stop().Done() }
		}
	}
	plain := func(f func()) func() { return f }
	requireEvery(t, nobody, everyRun(start(plain)))
	requireEvery(t, "starter/clean", everyRun(start(gls.Wrap)))

	// Every job of a scheduler is wrapped once, by its chain.
	chain := cron.WithChain(func(j cron.Job) cron.Job {
		return cron.FuncJob(func() { user.With("cron", j.Run) })
	}, cron.SkipIfStillRunning(cron.DiscardLogger))
	requireEvery(t, "cron/clean", everyRun(start(plain, chain)))
}

func TestGocron(t *testing.T) {
	defer user.Set("starter").Reset()
	start := func(wrap func(func()) func(), opts ...gocron.JobOption) func(func()) func() {
		return func(job func()) func() {
			s, err := gocron.NewScheduler()
			require.NoError(t, err)
			_, err = s.NewJob(gocron.DurationJob(time.Millisecond), gocron.NewTask(wrap(job)), opts...)
			require.NoError(t, err)
			s.Start()
			return func() {
				if err := s.Shutdown(); err != nil {
					t.Error(err)
				}
			}
		}
	}
	plain := func(f func()) func() { return f }
	requireEvery(t, nobody, everyRun(start(plain)))
	requireEvery(t, "starter/clean", everyRun(start(gls.Wrap)))

	// Runs of a singleton share a goroutine, and what an earlier one left.
	single := gocron.WithSingletonMode(gocron.LimitModeReschedule)
	require.Contains(t, everyRun(start(plain, single)), "nobody/dirty")
	requireEvery(t, "starter/clean", everyRun(start(gls.Wrap, single)))
	isolate := func(f func()) func() { return func() { gls.Isolate(f) } }
	requireEvery(t, nobody, everyRun(start(isolate, single)))
}
