package glshttp

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
	"time"
)

// NewID returns a new request ID: a UUID of version 7, RFC 9562, whose time has
// a resolution of a quarter of a microsecond (method 3 of section 6.2), and
// whose other 62 bits are from crypto/rand.
//
// Version 7 was chosen because IDs are looked up in logs and stored in
// databases, usually by time, and these IDs sort by time, as far as the clocks
// of the servers agree. Every tool knows the format of a UUID, and processes
// need not coordinate. ULIDs sort as well, but fewer tools read them. UUIDs of
// version 4 are random throughout, which scatters indexes. The 62 random bits
// distinguish IDs made within the same quarter of a microsecond. They also make
// IDs hard to guess, but since every response contains one, an ID must never be
// used as a secret.
//
// NewID allocates only the string.
func NewID() string {
	random := randomness.Get().(*randomBuffer)
	id := formatID(time.Now(), random.next())
	randomness.Put(random)
	return id
}

// randomness holds buffers of random bytes, about one per processor. A system
// call per ID would cost more than the rest of NewID.
var randomness = sync.Pool{New: func() any { return new(randomBuffer) }}

// A randomBuffer is a buffer of random bytes, which are used up from its end.
type randomBuffer struct {
	bytes [512]byte
	left  int // bytes that are not used up
}

// next returns random bytes and erases them from the buffer.
func (b *randomBuffer) next() (random [8]byte) {
	if b.left == 0 {
		if _, err := rand.Read(b.bytes[:]); err != nil {
			panic(err) // never happens on the systems that Go supports; an ID that is not unique would be worse
		}
		b.left = len(b.bytes)
	}
	b.left -= len(random)
	unused := b.bytes[b.left : b.left+len(random)]
	copy(random[:], unused)
	for i := range unused {
		unused[i] = 0
	}
	return random
}

const hexDigits = "0123456789abcdef"

// places holds the offset of each byte of a UUID in its text.
var places = [16]uint8{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34}

// formatID returns the UUID of version 7 with this time and these random bits.
// It overwrites two of the bits with the variant.
func formatID(now time.Time, random [8]byte) string {
	var u [16]byte
	binary.BigEndian.PutUint64(u[:], uint64(now.UnixMilli())<<16)
	fraction := uint16(int64(now.Nanosecond()%1e6) * 4096 / 1e6)
	binary.BigEndian.PutUint16(u[6:], 0x7000|fraction)
	copy(u[8:], random[:])
	u[8] = u[8]&0x3f | 0x80

	var text [36]byte
	for i, b := range u {
		at := places[i]
		text[at], text[at+1] = hexDigits[b>>4], hexDigits[b&15]
	}
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}
