// Package fetch takes jobs from a JetStream consumer and has them run, as many
// at a time as there is room for.
//
// It asks for jobs, one pull after the other, and keeps those that came alive
// at the server until they have been settled. What a job is, and how it is run
// and settled, is the business of a [Handler]. Whether a job may start beside
// others that run in the process is that of a [Gate], which all fetchers share.
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
// delivery. From held to settling the fetcher gives signs of life, so AckWait
// is over only if the process dies or is cut off. Whatever happens below the
// line, the server has the job until it gets an ack: the worst that can happen
// is that the job is run again.
//
// A pull has two states, open and closed. It opens when there is room, with a
// limit of jobs and of bytes, and closes when it has brought what it asked for,
// when the server says so, or when it is lost: the server says nothing for
// longer than it was to stay open. So it is always known how much can be on its
// way.
package fetch
