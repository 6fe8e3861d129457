package glsnats

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// scrapeTime is how long the server may take to answer what is queued.
const scrapeTime = 5 * time.Second

// WriteMetrics writes the counters, and what the server has queued, in the text
// format of Prometheus, version 0.0.4. If the server cannot be asked before ctx
// is done, the latter is left out and glsnats_server_up is 0.
func (c *Client) WriteMetrics(ctx context.Context, w io.Writer) error {
	queues, letters, err := c.survey(ctx)
	b := new(bytes.Buffer)
	m := exposition{b, fmt.Sprintf("stream=%q", c.stream)}
	m.own(c.Stats())
	up := uint64(1)
	if err != nil {
		up = 0
	}
	m.gauge("server_up", "Whether the server could be asked what is queued.", up)
	if err == nil {
		m.server(queues, letters)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// Metrics returns a handler that answers with the output of
// [Client.WriteMetrics]. That contains the names of jobs, but neither IDs nor
// identities.
func (c *Client) Metrics() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), scrapeTime)
		defer cancel()
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_ = c.WriteMetrics(ctx, w) // the peer is gone
	})
}

// labelValue escapes the characters that must not be in a label's value. The
// names on the server may have been chosen by others.
var labelValue = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// survey asks the server what is queued and how many dead letters there are.
func (c *Client) survey(ctx context.Context) (queues map[string]Queue, letters uint64, err error) {
	if queues, err = c.queued(ctx); err != nil {
		return nil, 0, err
	}
	dead, err := c.js.Stream(ctx, c.DeadStream())
	if err != nil {
		return nil, 0, err
	}
	return queues, dead.CachedInfo().State.Msgs, nil
}

// An exposition is metrics in the text format.
type exposition struct {
	*bytes.Buffer
	labels string // of all samples
}

// own writes the metrics of this process.
func (m exposition) own(s Stats) {
	m.counter("submitted_total", "Jobs that were stored.", s.Submitted)
	m.counter("duplicates_total", "Jobs that were not stored, because their ID was there already.", s.Duplicates)
	m.counter("retried_total", "Attempts to reach the server that were made again.", s.Retried)
	m.counter("runs_total", "Calls of functions.", s.Runs)
	m.counter("redelivered_total", "Calls of functions for jobs that came again.", s.Redelivered)
	m.counter("done_total", "Functions that returned nil.", s.Done)
	m.counter("failed_total", "Functions that did not.", s.Failed)
	m.counter("dead_total", "Jobs that became dead letters.", s.Dead)
	m.counter("leaky_total", "Functions that left something bound.", s.Leaky)
	m.counter("oversize_total", "Jobs without variables, because of their size.", s.Oversize)
	m.counter("dropped_total", "Variables of jobs that were left out because something was wrong with them.",
		uint64(s.Injected.Dropped()+s.Extracted.Dropped()))
	m.gauge("running", "Jobs that are held now.", uint64(s.Running))
	m.gauge("overtime", "Functions that run although their time limit is over.", s.Overtime)
	m.head("oldest_seconds", "How long the job that is held for longest has been.", "gauge")
	fmt.Fprintf(m, "glsnats_oldest_seconds{%s} %g\n", m.labels, s.Oldest.For.Seconds())
}

// server writes the metrics of the server.
func (m exposition) server(queues map[string]Queue, letters uint64) {
	m.gauge("dead_letters", "Dead letters.", letters)
	names := slices.Sorted(maps.Keys(queues))
	for _, part := range []struct {
		name, help string
		value      func(Queue) uint64
	}{
		{"queued", "Jobs that are stored.", func(q Queue) uint64 { return q.Jobs }},
		{"taken", "Jobs that run, or rest after a failure.", func(q Queue) uint64 { return q.Taken }},
		{"pulls", "Requests for jobs that are open.", func(q Queue) uint64 { return uint64(q.Pulls) }},
		{"handled", "Whether a process handles the name, or has.", func(q Queue) uint64 {
			if q.Handled {
				return 1
			}
			return 0
		}},
	} {
		m.head(part.name, part.help, "gauge")
		for _, name := range names {
			fmt.Fprintf(m, "glsnats_%s{%s,name=\"%s\"} %d\n", part.name, m.labels, labelValue.Replace(name), part.value(queues[name]))
		}
	}
}

func (m exposition) head(name, help, kind string) {
	fmt.Fprintf(m, "# HELP glsnats_%s %s\n# TYPE glsnats_%s %s\n", name, help, name, kind)
}

func (m exposition) counter(name, help string, value uint64) {
	m.head(name, help, "counter")
	fmt.Fprintf(m, "glsnats_%s{%s} %d\n", name, m.labels, value)
}

func (m exposition) gauge(name, help string, value uint64) {
	m.head(name, help, "gauge")
	fmt.Fprintf(m, "glsnats_%s{%s} %d\n", name, m.labels, value)
}
