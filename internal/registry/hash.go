package registry

import "hash/maphash"

// Goroutine IDs are assigned in runs of 16 per processor, and clients may
// influence which goroutines live: those that serve their connections.
// Whichever IDs are in use, they must not gather in one shard or in one cluster
// of a table. One multiplication is not enough: for every multiplier there are
// strides at which a thousand IDs end up side by side (317811 for 2^64 divided
// by the golden ratio), and for a random multiplier these are 2 percent of all
// strides. So the hash has two multiplications, by numbers that are not known
// outside of the process, with a shift between them that destroys linear
// relations, except between multiples of 2^32: of a thousand such IDs the mean
// probe is up to 3.5. The process would have to start 2^42 goroutines.

const (
	hashBits = 64
	// mixShift moves the upper half of the first product, which depends on all bits
	// of the ID, to the lower half, on which all bits of the second product depend.
	mixShift = 32
	// homeShift selects the bits of the hash that choose a slot: those that depend
	// on most of the others, except the ones that choose the shard. They are enough
	// for 2^24 slots.
	homeShift = 32
)

// multiplier1 and multiplier2 are odd, so that no two IDs have the same hash.
// They are immutable after init.
var multiplier1, multiplier2 = func() (a, b uint64) {
	seed := maphash.MakeSeed()
	return maphash.String(seed, "multiplier1") | 1, maphash.String(seed, "multiplier2") | 1
}()

func hash(id int64) uint64 {
	h := uint64(id) * multiplier1
	h ^= h >> mixShift
	return h * multiplier2
}
