package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// patience is how long a command works before it shows its progress.
const patience = 2 * time.Second

// A meter shows the progress of loading on standard error once it takes long:
// on a terminal in one line that changes, elsewhere in a line now and then.
type meter struct {
	out      io.Writer   // immutable
	terminal bool        // immutable
	timer    *time.Timer // immutable

	mu      sync.Mutex
	text    string    // guarded by mu
	drawn   time.Time // guarded by mu; zero before patience has run out
	stopped bool      // guarded by mu
}

// startMeter starts a meter, which stop ends.
func startMeter() *meter {
	m := &meter{out: os.Stderr, terminal: isTerminal(os.Stderr), text: "listing packages"}
	m.timer = time.AfterFunc(patience, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.draw(time.Now())
	})
	return m
}

// report records that done of total packages are loaded.
func (m *meter) report(done, total int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.text = fmt.Sprintf("%d of %d packages", done, total)
	if done == total {
		m.text = fmt.Sprintf("looking at %d packages", total)
	}
	interval := 10 * time.Second
	if m.terminal {
		interval = 50 * time.Millisecond
	}
	if now := time.Now(); !m.drawn.IsZero() && now.Sub(m.drawn) >= interval {
		m.draw(now)
	}
}

// draw shows the text. mu must be held.
func (m *meter) draw(now time.Time) {
	if m.stopped {
		return
	}
	m.drawn = now
	if m.terminal {
		fmt.Fprintf(m.out, "\r\033[Kgls: %s", m.text)
	} else {
		fmt.Fprintf(m.out, "gls: %s\n", m.text)
	}
}

// stop ends m, and removes its line from a terminal.
func (m *meter) stop() {
	m.timer.Stop()
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.stopped && m.terminal && !m.drawn.IsZero() {
		fmt.Fprint(m.out, "\r\033[K")
	}
	m.stopped = true
}

// isTerminal reports whether f is a terminal.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// colours reports whether what is written to f may have colours.
func colours(f *os.File) bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(f)
}
