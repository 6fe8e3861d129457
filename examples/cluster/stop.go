package main

import (
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/seed18162548/contextvars/spawn"
)

// untilStopped returns a channel that is closed when the program is interrupted
// or stdin ends, which happens when the process at the other end dies, so that
// no process is left behind. A terminal or /dev/null does not count.
func untilStopped(stdin io.Reader) <-chan struct{} {
	stopped := make(chan struct{})
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	ended := make(chan struct{})
	if isPipe(stdin) {
		spawn.Detached(func() {
			_, _ = io.Copy(io.Discard, stdin) // a broken pipe is an end as well
			close(ended)
		})
	}
	spawn.Detached(func() {
		defer close(stopped)
		select {
		case <-interrupted:
			signal.Stop(interrupted) // a second one ends the program at once
		case <-ended:
		}
	})
	return stopped
}

func isPipe(r io.Reader) bool {
	f, ok := r.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}
