package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// serve runs the service on addr until it fails or the program is interrupted.
// It then waits for requests that are being served.
func serve(addr string, set settings, stdout, stderr io.Writer) error {
	logTo(stderr)
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(interrupted)

	s, err := startServer(addr, set, nil)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "orders: serving on %s, data in %s; interrupt to stop\n", s.url, set.file)
	fmt.Fprintf(stdout, "orders: what is bound is at %s\n", s.page)

	var failure error
	select {
	case failure = <-s.ended:
	case <-interrupted:
		signal.Stop(interrupted) // a second one ends the program at once
	}
	if err := s.drain(); err != nil {
		return err
	}
	if err := s.store.close(); err != nil {
		return err
	}
	if failure == nil {
		fmt.Fprintln(stdout, "orders: stopped")
	}
	return failure
}
