package glspprof_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// A sample is one of a profile: how often it was seen, with which labels.
type sample struct {
	count  uint64
	labels map[string]string
}

// The fields of profile.proto that tests need, of the messages Profile, Sample
// and Label.
const (
	profileSample  = 2
	profileStrings = 6
	sampleValue    = 2
	sampleLabel    = 3
	labelKey       = 1
	labelString    = 2
)

// parseProfile returns the samples of a profile as package runtime/pprof writes
// them: gzipped, in the protocol buffer format.
func parseProfile(t *testing.T, data []byte) (samples []sample) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	require.NoError(t, err)
	raw, err := io.ReadAll(z)
	require.NoError(t, err)

	var table []string
	eachField(t, raw, func(field int, _ uint64, b []byte) {
		if field == profileStrings {
			table = append(table, string(b))
		}
	})
	eachField(t, raw, func(field int, _ uint64, b []byte) {
		if field != profileSample {
			return
		}
		s := sample{labels: make(map[string]string)}
		values := 0
		eachField(t, b, func(field int, x uint64, b []byte) {
			switch field {
			case sampleValue: // the first is the number of samples; more than two are packed
				if len(b) > 0 {
					x, _ = binary.Uvarint(b)
				}
				if values == 0 {
					s.count = x
				}
				values++
			case sampleLabel:
				var key, text uint64
				eachField(t, b, func(field int, x uint64, _ []byte) {
					switch field {
					case labelKey:
						key = x
					case labelString:
						text = x
					}
				})
				s.labels[table[key]] = table[text]
			}
		})
		samples = append(samples, s)
	})
	return samples
}

// eachField calls f for every field of a message: x is that of a number, b that
// of a string or message.
func eachField(t *testing.T, message []byte, f func(field int, x uint64, b []byte)) {
	number := func() uint64 {
		x, n := binary.Uvarint(message)
		require.Positive(t, n)
		message = message[n:]
		return x
	}
	for len(message) > 0 {
		tag := number()
		x := number()
		switch tag & 7 {
		case 0:
			f(int(tag>>3), x, nil)
		case 2:
			f(int(tag>>3), 0, message[:x])
			message = message[x:]
		default:
			require.Fail(t, "unexpected wire type")
		}
	}
}
