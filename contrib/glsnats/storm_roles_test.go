package glsnats_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// atOnce is how many jobs a producer stores, and a worker runs, at the same
// time.
const atOnce = 64

// stormOptions are those of producers and workers in a storm.
func stormOptions() []glsnats.Option {
	return []glsnats.Option{
		exports, glsnats.Replicas(3), glsnats.PublishDeadline(100 * time.Second),
		glsnats.DedupWindow(5 * time.Minute), glsnats.NATS(cuttable()),
	}
}

// A part is what a producer or a worker counted.
type part struct {
	glsnats.Stats
	Reconnects uint64
}

func report(c *glsnats.Client) error {
	s := c.Stats()
	s.Leaks = nil // variables do not leave the process
	return json.NewEncoder(os.Stdout).Encode(part{s, c.Conn().Stats().Reconnects})
}

// runProducer submits jobs, each with an identity of its own, which it also
// puts into the payload: the URL, its number, how many. It says what it
// counted.
func runProducer(args []string, ready func(...any)) error {
	var number, jobs int
	if _, err := fmt.Sscan(args[1]+" "+args[2], &number, &jobs); err != nil {
		return err
	}
	c, err := glsnats.Connect(args[0], stormOptions()...)
	if err != nil {
		return err
	}
	defer c.Close()
	ready("ready")
	var group spawn.Group
	for lane := range atOnce {
		group.Go(func() error {
			for i := lane; i < jobs; i += atOnce {
				if err := produce(c, fmt.Sprintf("%d-%d", number, i)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return report(c)
}

func produce(c *glsnats.Client, job string) (err error) {
	trace := glsnats.NewTrace()
	payload := strings.Join([]string{job, "u-" + job, "t-" + job, trace.String()}, " ")
	gls.With(func() { err = c.Go("work", []byte(payload), glsnats.ID("j-"+job)) },
		user.Bind("u-"+job), tenant.Bind("t-"+job), glsnats.TraceParent.Bind(trace), private.Bind("never"))
	return err
}

// runWorker writes a line to its file for every job: try, ID, payload, and the
// identity that it ran with. A line is one write, made before the job is
// acknowledged, so that what was done is known even if the process is killed.
// Its arguments are the URL and the file. It says what it counted.
func runWorker(args []string, ready func(...any)) error {
	file, err := os.OpenFile(args[1], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	c, err := glsnats.Connect(args[0], stormOptions()...)
	if err != nil {
		return err
	}
	err = c.Handle("work", func(j glsnats.Job) error {
		got := look()
		_, err := fmt.Fprintf(file, "%d\t%s\t%s\t%s %s %s\t%s\n", j.Try, j.ID, j.Payload, got.User, got.Tenant, got.Trace, got.Private)
		private.Set("left by " + j.ID)
		user.Set("left by " + j.ID)
		return err
	}, glsnats.InFlight(atOnce), glsnats.AckWait(5*time.Second), glsnats.Backoff(soon), glsnats.Tries(100))
	if err != nil {
		return err
	}
	ready("ready")
	untilStopped()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := c.Drain(ctx); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return report(c)
}
