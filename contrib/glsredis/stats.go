package glsredis

import "sync/atomic"

// Stats are what the hooks of this package have counted since the process
// started, over all clients.
type Stats struct {
	Commands  uint64 // of the program, without those in pipelines
	Pipelines uint64 // and transactions
	Failed    uint64 // commands that failed, and pipelines with such a command
	Slow      uint64 // commands and pipelines that were logged as slow
}

var counters struct {
	commands, pipelines, failed, slow atomic.Uint64
}

// ReadStats returns the counters. They are not from a single instant.
func ReadStats() Stats {
	return Stats{
		Commands:  counters.commands.Load(),
		Pipelines: counters.pipelines.Load(),
		Failed:    counters.failed.Load(),
		Slow:      counters.slow.Load(),
	}
}
