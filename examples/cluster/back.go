package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/seed18162548/contextvars/contrib/glsnats"
)

// back runs the jobs in the queue at url and stores its rows in file, until
// stopped.
func back(url, file string, stopped <-chan struct{}, stdout, stderr io.Writer) error {
	rows, err := openStore(file)
	if err != nil {
		return err
	}
	log := logger(stderr, "back")
	client, err := glsnats.Connect(url, exports, glsnats.OnError(func(err error) { log.Warn("queue", "error", err) }))
	if err != nil {
		return errors.Join(err, rows.close())
	}
	b := &resizer{rows, log}
	if err := client.Handle("resize", b.resize, glsnats.InFlight(8), glsnats.AckWait(2*time.Second)); err != nil {
		client.Close()
		return errors.Join(err, rows.close())
	}
	fmt.Fprintf(stdout, "cluster: back works for %s, rows in %s; interrupt to stop\n", url, file)
	<-stopped
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	return errors.Join(client.Drain(ctx), rows.close())
}

// A resizer runs the jobs.
type resizer struct {
	rows *store
	log  *slog.Logger
}

// resize makes a thumbnail unless it exists already: a job may be delivered
// twice.
func (b *resizer) resize(j glsnats.Job) error {
	var p picture
	if err := j.Decode(&p); err != nil {
		return fmt.Errorf("%w: %w", glsnats.ErrPermanent, err)
	}
	if err := b.rows.insert(p, j.ID, current()); err != nil {
		return err
	}
	b.log.Info("resized", "picture", p.Name, "try", j.Try)
	return j.Return(thumbnail{Name: p.Name, By: current()})
}
