package fetch

import "time"

const tendEvery = 250 * time.Millisecond // how often a fetcher checks its pull and its jobs

// tend gives up lost pulls and tells the server which jobs are still held. It
// returns when the fetcher has stopped and holds nothing.
func (f *Fetcher[J]) tend() {
	tick := time.NewTicker(tendEvery)
	defer tick.Stop()
	for !f.over() {
		<-tick.C
		f.look(f.Now())
	}
}

// over reports whether nothing is left to do and, if so, records that.
func (f *Fetcher[J]) over() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = f.stopped() && !f.paused && f.holding == 0 && (f.pull.left == 0 || f.Conn.IsClosed())
	return f.ended
}

// look gives up the open pull if it is lost, sends heartbeats for jobs that are
// due, and reports jobs that have been held for long. If the clock was put
// back, everything is due: an additional heartbeat is better than a job that is
// given to another worker.
func (f *Fetcher[J]) look(now time.Time) {
	f.mu.Lock()
	back := now.Before(f.last)
	late := f.last.Sub(now) // by how much the clock was put back
	f.last = now
	if f.pull.left > 0 && (back || now.After(f.pull.until)) {
		f.pull.left = 0
	}
	f.ask()
	var due, slow []*delivery[J]
	var held []time.Duration
	for d := f.held.next; d != &f.held; d = d.next {
		if back {
			d.since = d.since.Add(-late)
		}
		if back || !now.Before(d.due) {
			d.due = now.Add(f.Beat)
			due = append(due, d)
		}
		if age := now.Sub(d.since); f.Slow > 0 && age >= d.report {
			d.report = 2 * age
			slow, held = append(slow, d), append(held, age)
		}
	}
	f.mu.Unlock()
	for _, d := range due {
		// This fails if the job was settled meanwhile or the connection is closed.
		_ = d.msg.InProgress()
	}
	for i, d := range slow {
		f.Overdue(&d.job, held[i])
	}
}
