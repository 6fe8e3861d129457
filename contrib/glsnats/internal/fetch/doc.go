// Package fetch takes jobs from a JetStream consumer and runs them, as many at
// a time as there is room for.
//
// It asks for jobs, one pull after the other, and sends heartbeats for jobs
// until they are settled. A [Handler] opens, runs and settles jobs. A [Gate],
// which all fetchers share, decides whether a job may start beside others in
// the process.
//
// # The states of a job
//
// A delivery of a job goes through these states. The server's part is above the
// line, this package's below it.
//
//	           store                   ack                 AckWait is over,
//	producer ───────▶ queued ◀──────────────────▶ gone       or nak
//	                    │                          ▲            │
//	                    │ pull                     │            ▼
//	                    ▼                          │         queued
//	──────────────── coming ───────────────────────┼──────────────────────────
//	                    │ arrive: Handler.Open     │
//	                    ▼            no room       │
//	                   held ──────────────▶ waiting│
//	                    │ ◀───────────────────┘    │ ack
//	                    │ Handler.Run              │
//	                    ▼                          │
//	                judging ── failed too often ──▶ burying ── letter stored
//	                    │                          ▲
//	                    │ Gate.Enter               │ failed for good
//	                    ▼                          │
//	                 running ─────────────────▶ settling ── nak, after a rest
//
// Judging reads what is known of earlier deliveries and is skipped for a first
// delivery. From held to settling the fetcher sends heartbeats, so AckWait is
// over only if the process dies or is cut off. Whatever happens below the line,
// the server keeps the job until it gets an ack: the worst that can happen is
// that the job is run again.
//
// A pull is open or closed. It opens when there is room, with a limit of jobs
// and of bytes. It closes when it has brought as much as it asked for, when the
// server says so, or when it is lost, because the server says nothing for
// longer than it should stay open. So it is always known how much can be on its
// way.
package fetch
