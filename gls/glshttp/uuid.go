package glshttp

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// NewID returns a new request ID: a UUID of version 7, RFC 9562, whose time has
// a resolution of a quarter of a microsecond (method 3 of section 6.2), and whose
// other 62 bits are from crypto/rand.
//
// Why that: an ID is looked up in logs and stored in databases, by time more
// often than not, and IDs of version 7 sort by time, to within the clocks of
// their makers; every tool knows the form of a UUID; no two processes need to
// agree on anything. A ULID sorts as well but fewer tools read it. Version 4
// is random throughout, which tells nothing about time but makes indexes
// scatter. The 62 bits keep two of a quarter microsecond apart; they make the
// ID hard to guess, but it is in every response, so it must never be a secret.
func NewID() string {
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		panic(err) // never on the systems that Go runs on; an ID that is not unique would be worse
	}
	return formatID(time.Now(), random)
}

// formatID returns the UUID of version 7 with this time and these random bits,
// of which two go.
func formatID(now time.Time, random [8]byte) string {
	var u [16]byte
	binary.BigEndian.PutUint64(u[:], uint64(now.UnixMilli())<<16)
	fraction := uint16(now.Nanosecond() % 1e6 * 4096 / 1e6)
	binary.BigEndian.PutUint16(u[6:], 0x7000|fraction)
	copy(u[8:], random[:])
	u[8] = u[8]&0x3f | 0x80

	var text [36]byte
	at := 0
	for i, b := range u {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			text[at] = '-'
			at++
		}
		hex.Encode(text[at:], []byte{b})
		at += 2
	}
	return string(text[:])
}
