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
// Why that: an ID is looked up in logs and stored in databases, by time more
// often than not, and IDs of version 7 sort by time, to within the clocks of
// their makers; every tool knows the form of a UUID; no two processes need to
// agree on anything. A ULID sorts as well but fewer tools read it. Version 4
// is random throughout, which tells nothing about time but makes indexes
// scatter. The 62 bits keep two of a quarter microsecond apart; they make the
// ID hard to guess, but it is in every response, so it must never be a secret.
//
// It allocates the string and nothing else.
func NewID() string {
	random := randomness.Get().(*randomBuffer)
	id := formatID(time.Now(), random.next())
	randomness.Put(random)
	return id
}

// randomness has buffers of randomness, about one per processor. A system call
// per ID would cost more than the rest of it.
var randomness = sync.Pool{New: func() any { return new(randomBuffer) }}

// A randomBuffer is randomness that is used up from its end.
type randomBuffer struct {
	bytes [512]byte
	left  int // bytes that are not used up
}

// next returns random bytes, and forgets them.
func (b *randomBuffer) next() (random [8]byte) {
	if b.left == 0 {
		if _, err := rand.Read(b.bytes[:]); err != nil {
			panic(err) // never on the systems that Go runs on; an ID that is not unique would be worse
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

// places are where the bytes of a UUID begin in its text, between the hyphens.
var places = [16]uint8{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34}

// formatID returns the UUID of version 7 with this time and these random bits,
// of which two go.
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
