package fetch

import "sync/atomic"

// A server cuts off a connection if more than max_pending bytes, 64 MiB by
// default, wait for it, or if it does not read them in time. The amount that is
// asked for at a time is well below that, but enough for a few of the largest
// messages.
const (
	leastBudget = 8 << 20
	mostBudget  = 32 << 20
	fewMessages = 4
)

// overhead is what the server counts for a message in addition to headers and
// payload: its subject, and that of its acknowledgement.
const overhead = 4 << 10

// A Budget limits the number of bytes on their way to a connection. Its
// fetchers have equal shares.
type Budget struct {
	total    int64 // immutable
	message  int64 // the largest message; immutable
	fetchers atomic.Int64
}

// NewBudget returns a Budget for a connection to a server that accepts messages
// of up to maxPayload bytes.
func NewBudget(maxPayload int64) *Budget {
	message := maxPayload + overhead
	return &Budget{
		total:   min(max(fewMessages*message, leastBudget), max(mostBudget, message)),
		message: message,
	}
}

// share returns how many bytes one pull may ask for. It is never less than the
// largest message, which would otherwise never arrive.
func (b *Budget) share() int64 {
	return max(b.total/max(b.fetchers.Load(), 1), b.message)
}
