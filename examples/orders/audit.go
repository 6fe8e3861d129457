package main

import (
	"context"
	"log/slog"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/spawn"
)

// An audit writes the audit trail, in one goroutine that lives as long as the
// service and works for all requests.
//
// Such a goroutine has no identity: it is started with [spawn.Detached], so
// that it does not keep its starter's, and the functions that it is sent have
// their own, by [gls.Wrap].
type audit struct {
	store *store
	jobs  chan func()
	done  chan struct{} // closed when the last job was done
}

// startAudit returns an audit that writes to st.
func startAudit(st *store) *audit {
	a := &audit{store: st, jobs: make(chan func(), 64), done: make(chan struct{})}
	spawn.Detached(func() {
		defer close(a.done)
		for job := range a.jobs {
			job()
		}
	})
	return a
}

// record writes a row for the current request in the background, even if the
// request has been answered by then or its client has gone: the job keeps the
// identity of the request, but not its deadline. record must not be called in a
// transaction or after stop.
func (a *audit) record(po, action, detail string) {
	glsctx.With(context.WithoutCancel(glsctx.Current()), func() {
		a.jobs <- gls.Wrap(func() {
			if err := a.store.insertAudit(po, action, detail); err != nil {
				slog.Error("audit row lost", "po", po, "action", action, "error", err)
			}
		})
	})
}

// stop waits until everything recorded is written, and ends the goroutine.
func (a *audit) stop() {
	close(a.jobs)
	<-a.done
}
