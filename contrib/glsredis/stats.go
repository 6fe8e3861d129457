package glsredis

import "sync/atomic"

// Stats are what the hooks of this package have counted since the process
// started, over all clients.
type Stats struct {
	Commands  uint64 // of the program, those in pipelines not counted
	Pipelines uint64 // and transactions
	Failed    uint64 // of both, those that failed, or a command of which failed
	Slow      uint64 // of both, those that were logged as slow
}

var counters struct {
	commands, pipelines, failed, slow atomic.Uint64
}

// ReadStats returns the counters. They are not of one instant.
func ReadStats() Stats {
	return Stats{
		Commands:  counters.commands.Load(),
		Pipelines: counters.pipelines.Load(),
		Failed:    counters.failed.Load(),
		Slow:      counters.slow.Load(),
	}
}
