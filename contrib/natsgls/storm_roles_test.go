package natsgls_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/seed18162548/contextvars/contrib/natsgls"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// atOnce is how many jobs a producer stores, and a worker runs, at the same time.
const atOnce = 64

// stormOptions are those of producers and workers in a storm.
func stormOptions() []natsgls.Option {
	return []natsgls.Option{
		exports, natsgls.Replicas(3), natsgls.PublishDeadline(100 * time.Second),
		natsgls.DedupWindow(5 * time.Minute), natsgls.NATS(cuttable()),
	}
}

// A part is what a producer or a worker counted.
type part struct {
	natsgls.Stats
	Reconnects uint64
}

func report(c *natsgls.Cluster) error {
	return json.NewEncoder(os.Stdout).Encode(part{c.Stats(), c.Conn().Stats().Reconnects})
}

// runProducer submits jobs, each with an identity of its own, which it also puts
// into the payload: the URL, its number, how many. It says what it counted.
func runProducer(args []string, ready func(...any)) error {
	var number, jobs int
	if _, err := fmt.Sscan(args[1]+" "+args[2], &number, &jobs); err != nil {
		return err
	}
	c, err := natsgls.Connect(args[0], stormOptions()...)
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

func produce(c *natsgls.Cluster, job string) (err error) {
	trace := natsgls.NewTrace()
	payload := strings.Join([]string{job, "u-" + job, "t-" + job, trace.String()}, " ")
	gls.With(func() { err = c.Go("work", []byte(payload), natsgls.ID("j-"+job)) },
		user.Bind("u-"+job), tenant.Bind("t-"+job), natsgls.TraceParent.Bind(trace), private.Bind("never"))
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
	c, err := natsgls.Connect(args[0], stormOptions()...)
	if err != nil {
		return err
	}
	err = c.Handle("work", func(j natsgls.Job) error {
		got := look()
		_, err := fmt.Fprintf(file, "%d\t%s\t%s\t%s %s %s\t%s\n", j.Try, j.ID, j.Payload, got.User, got.Tenant, got.Trace, got.Private)
		private.Set("left by " + j.ID)
		user.Set("left by " + j.ID)
		return err
	}, natsgls.InFlight(atOnce), natsgls.AckWait(5*time.Second), natsgls.Backoff(soon), natsgls.Tries(100))
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
