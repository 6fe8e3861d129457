//go:build gls_tiny

package registry

// One shard, whose table starts at two slots: the stress tests are built with
// the tag gls_tiny to make every goroutine collide with every other.
const (
	shardBits = 0
	minSlots  = 2
)
