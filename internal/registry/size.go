//go:build !gls_tiny

package registry

const (
	// shardBits is the logarithm of the number of shards. 256 of them
	// are enough that goroutines on a hundred cores rarely meet.
	shardBits = 8
	// minSlots is the size of a shard's first table.
	minSlots = 8
)
