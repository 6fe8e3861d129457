// Package glsnats starts functions on other machines as package spawn starts
// them on other goroutines: what the caller has bound and exports goes along.
// The queue between is NATS JetStream.
//
//	client, err := glsnats.Connect("nats://queue:4222", glsnats.Exports(exports...))
//
//	err = client.Handle("resize", func(j glsnats.Job) error { … }) // in one process
//	err = client.Go("resize", picture)                             // in another
//	size, err := glsnats.Call[Size](client, "resize", picture)     // with a result
//
// Package glsnats/embedded has a server for trying and for tests.
//
// # What travels
//
// The variables that [Exports] names travel, as with glsexport.Inject, and so
// does [TraceParent], as headers of the message. What else is bound stays. A
// variable that is NoInherit stays even if it is exported. OnFork is not
// called: a value goes as it is. Whoever may publish to the stream may speak
// for every identity that is exported: give that permission to processes that
// are trusted with it.
//
// A job runs in a fresh [gls.Context] on a goroutine of its own, with what its
// own message says and nothing else. What the function leaves bound is dropped
// with it, and counted. Headers that are malformed, ambiguous or out of bounds
// are left out and counted: the job runs without them.
//
// # What is promised
//
// A job that [Client.Go] returned nil for is stored, on as many servers as the
// stream has replicas, and is run at least once: it leaves the queue when the
// function has returned nil, or for the dead letters when it has failed as
// often as [Tries] allows. It is run more than once if a worker dies, or is cut
// off, after it has done the work and before the server knows. [Job.ID] is the
// same then; make the work idempotent by it.
//
// A panic in a function crashes the worker, as under a go statement, and counts
// as a failure of the job. Jobs that ran beside it are run again at once and
// not held to blame. After a death that nobody can explain, such as a kill, the
// jobs that were in flight are suspects: they are tried in ever smaller
// company, at last alone, and only a death of a process in which a job was
// alone counts as its failure. So no job becomes a dead letter because of its
// neighbours.
package glsnats
