package main

import (
	"context"
	"encoding/binary"
	"slices"
	"sync"
	"syscall"
	"time"
)

// The load.
const (
	producers   = 64  // goroutines that put jobs, each one after the other
	inFlight    = 256 // jobs that run at the same time
	payloadSize = 256
	warmUp      = 500
)

// measure runs s once: throughput from the first put to the end of the last
// job, latency from before a put to the beginning of its job.
func measure(s side, url, name string, jobs, pings int) (r result, err error) {
	done := make(chan time.Duration, jobs)
	q, err := s.open(url, name, func(payload []byte) {
		sent := time.Unix(0, int64(binary.BigEndian.Uint64(payload)))
		done <- time.Since(sent)
	})
	if err != nil {
		return r, err
	}
	if _, err := load(q, done, warmUp); err != nil {
		return r, err
	}
	before := cpu()
	took, err := load(q, done, jobs)
	r.cpu = (cpu() - before) / time.Duration(jobs)
	if err != nil {
		return r, err
	}
	r.throughput = float64(jobs) / took.Seconds()

	latencies := make([]time.Duration, pings)
	q.produce(func(ctx context.Context) {
		for i := 0; i < pings && err == nil; i++ {
			if err = q.put(ctx, stamp()); err == nil {
				latencies[i] = <-done
			}
		}
	})
	if err != nil {
		return r, err
	}
	slices.Sort(latencies)
	r.latency = latencies[pings/2]
	return r, q.close()
}

// load puts n jobs and waits until all have run.
func load(q queue, done <-chan time.Duration, n int) (took time.Duration, err error) {
	begin := time.Now()
	errs := make([]error, producers)
	var wg sync.WaitGroup
	for p := range producers {
		wg.Go(func() {
			q.produce(func(ctx context.Context) {
				for i := p; i < n && errs[p] == nil; i += producers {
					errs[p] = q.put(ctx, stamp())
				}
			})
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	for range n {
		<-done
	}
	return time.Since(begin), nil
}

// stamp returns a payload with the time.
func stamp() []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 0, payloadSize), uint64(time.Now().UnixNano()))[:payloadSize]
}

// cpu returns the processor time that the program has used, the server's not
// included.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0 // what is compared does not depend on it
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
