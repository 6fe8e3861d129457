package fetch

import "sync/atomic"

// A server cuts a connection off for which more than max_pending bytes wait, 64
// MiB by default, or which does not take them in time. What is asked for at a
// time stays well below, and holds a few of the largest messages.
const (
	leastBudget = 8 << 20
	mostBudget  = 32 << 20
	fewMessages = 4
)

// overhead is what the server counts of a message besides headers and payload:
// its subject, and that of its acknowledgement.
const overhead = 4 << 10

// A Budget limits the bytes that may be on their way to a connection. Its
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

// share returns what one pull may ask for: never less than the largest message,
// which would never come.
func (b *Budget) share() int64 {
	return max(b.total/max(b.fetchers.Load(), 1), b.message)
}
