package registry

import "hash/maphash"

// Goroutine IDs are handed out in runs of 16 a processor, and clients may have
// a say in which goroutines stay: those that serve their connections. Whichever
// IDs live at a time, they must not meet in one shard, nor in one cluster of a
// table. One multiplication does not do: of every multiplier there are strides
// at which a thousand IDs fall side by side (317811 for 2^64 divided by the
// golden ratio), and of a random one 2 percent of all strides do. So the hash
// takes two, by numbers that nobody outside of the process knows, with a shift
// between them that no linear relation survives.

const (
	hashBits = 64
	// mixShift brings the upper half of the first product, which depends on
	// all of the ID, down to the lower half, which all of the second depends
	// on.
	mixShift = 32
	// homeShift selects the bits of the hash that choose a slot: those that
	// depend on most of the others, except the ones that choose the shard.
	// There are enough for 2^24 slots.
	homeShift = 32
)

// multiplier1 and multiplier2 are odd, so that no two IDs have one hash. They
// are immutable after init.
var multiplier1, multiplier2 = func() (a, b uint64) {
	seed := maphash.MakeSeed()
	return maphash.String(seed, "multiplier1") | 1, maphash.String(seed, "multiplier2") | 1
}()

func hash(id int64) uint64 {
	h := uint64(id) * multiplier1
	h ^= h >> mixShift
	return h * multiplier2
}
