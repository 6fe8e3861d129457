// Package glsnats runs functions on other machines as package spawn runs them
// on other goroutines: they get the exported variables that the caller has
// bound. Jobs are queued in NATS JetStream.
//
//	client, err := glsnats.Connect("nats://queue:4222", glsnats.Exports(exports...))
//
//	err = client.Handle("resize", func(j glsnats.Job) error { … }) // in one process
//	err = client.Go("resize", picture)                             // in another
//	size, err := glsnats.Call[Size](client, "resize", picture)     // with a result
//
// Package glsnats/embedded provides a server for experiments and tests.
//
// # What travels
//
// The variables named by [Exports] are sent as by glsexport.Inject, and so is
// [TraceParent], in headers of the message. No other bindings are sent, and
// neither are variables made with NoInherit, even if they are exported. OnFork
// is not called: values are sent unchanged. Everyone who may publish to the
// stream can set the identities that are exported: give that permission only to
// processes that you trust with them.
//
// A job runs on its own goroutine in a new [gls.Context], which has the
// bindings from its message and no others. What the function leaves bound is
// dropped and counted. Headers that are malformed, ambiguous or too long are
// left out and counted: the job runs without them.
//
// # What is promised
//
// When [Client.Go] returns nil, the job is stored on as many servers as the
// stream has replicas, and will be run at least once. It leaves the queue when
// the function has returned nil, or becomes a dead letter when it has failed as
// often as [Tries] allows. It is run more than once if a worker dies or is cut
// off after it has done the work and before the server knows. [Job.ID] is then
// the same; use it to make the work idempotent.
//
// A panic in a function crashes the worker, as under a go statement, and counts
// as a failure of the job. Jobs that ran beside it are run again at once, and
// it does not count as their failure. If a worker dies for an unknown reason,
// such as a kill, all jobs that it was running are suspects: they are retried
// beside fewer and fewer others, and at last alone. Only if a process dies
// while a job is alone in it does that count as a failure of the job. So no job
// becomes a dead letter because of its neighbours.
package glsnats
