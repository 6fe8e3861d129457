package glsexport

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

// ErrValue reports that a codec does not accept a text or a value. The codecs
// of this package return it without the rejected text, which may be hostile or
// secret.
var ErrValue = errors.New("glsexport: value refused")

// A Codec turns values into text and back. Decode must validate its argument,
// which may be written by a stranger and has up to [MaxBytes] bytes. Both
// functions are called on the goroutine that injects or extracts and must be
// safe for concurrent use. Neither should include the value in its error.
//
// The codecs of this package accept only one spelling of every value, the one
// that they write, so that caches, logs and firewalls on the way cannot take
// one value for another.
type Codec[T any] struct {
	Encode func(T) (string, error)
	Decode func(string) (T, error)
}

// Where returns a codec like c that refuses values for which ok returns false,
// in both directions:
//
//	glsexport.Where(glsexport.String(), func(s string) bool { return len(s) <= 40 })
func Where[T any](c Codec[T], ok func(T) bool) Codec[T] {
	return Codec[T]{
		Encode: func(x T) (string, error) {
			if !ok(x) {
				return "", ErrValue
			}
			return c.Encode(x)
		},
		Decode: func(s string) (T, error) {
			x, err := c.Decode(s)
			if err == nil && !ok(x) {
				err = ErrValue
			}
			return x, err
		},
	}
}

// String returns the codec of strings that are safe to print: valid UTF-8 of
// printable characters and plain spaces, without control characters, line
// breaks, characters that are invisible or change the direction of writing, and
// U+FFFD, which replaces bytes that were lost.
func String() Codec[string] {
	return Codec[string]{Encode: printable, Decode: printable}
}

func printable(s string) (string, error) {
	for _, r := range s {
		ascii := ' ' <= r && r <= '~' // nearly always, and cheaper to see
		if !ascii && (r == utf8.RuneError || !unicode.IsPrint(r)) {
			return "", ErrValue
		}
	}
	return s, nil
}

// Int returns the codec of ints, in decimal.
func Int() Codec[int] {
	return strict(strconv.Itoa, strconv.Atoi)
}

// Int64 returns the codec of int64s, in decimal.
func Int64() Codec[int64] {
	return strict(
		func(x int64) string { return strconv.FormatInt(x, 10) },
		func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) })
}

// Uint64 returns the codec of uint64s, in decimal.
func Uint64() Codec[uint64] {
	return strict(
		func(x uint64) string { return strconv.FormatUint(x, 10) },
		func(s string) (uint64, error) { return strconv.ParseUint(s, 10, 64) })
}

// Float64 returns the codec of finite float64s, in the shortest decimal form
// that is exact.
func Float64() Codec[float64] {
	return Where(strict(
		func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) },
		func(s string) (float64, error) { return strconv.ParseFloat(s, 64) }),
		func(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) })
}

// Bool returns the codec of bools, as true and false.
func Bool() Codec[bool] { return strict(strconv.FormatBool, strconv.ParseBool) }

// Duration returns the codec of durations, as [time.Duration.String] writes
// them.
func Duration() Codec[time.Duration] { return strict(time.Duration.String, time.ParseDuration) }

// Time returns the codec of times of the years 0 to 9999, in the format of RFC
// 3339, in UTC and to the nanosecond.
func Time() Codec[time.Time] {
	return Where(strict(
		func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) },
		func(s string) (time.Time, error) { return time.Parse(time.RFC3339Nano, s) }),
		func(t time.Time) bool { return t.UTC().Year() >= 0 && t.UTC().Year() <= 9999 })
}

// Text returns the codec of a type that implements [encoding.TextMarshaler] and
// [encoding.TextUnmarshaler], such as netip.Addr or the UUID and ULID types of
// most libraries:
//
//	glsexport.Text[netip.Addr]()
//
// The type decides what it accepts; it should refuse spellings that it would
// not write itself.
func Text[T any, P interface {
	*T
	encoding.TextMarshaler
	encoding.TextUnmarshaler
}]() Codec[T] {
	return Codec[T]{
		Encode: func(x T) (string, error) {
			text, err := P(&x).MarshalText()
			return string(text), err
		},
		Decode: func(s string) (x T, err error) {
			if err := P(&x).UnmarshalText([]byte(s)); err != nil {
				return x, fmt.Errorf("%w by %T", ErrValue, x)
			}
			return x, nil
		},
	}
}

// strict returns the codec that accepts exactly what format writes.
func strict[T any](format func(T) string, parse func(string) (T, error)) Codec[T] {
	return Codec[T]{
		Encode: func(x T) (string, error) { return format(x), nil },
		Decode: func(s string) (T, error) {
			x, err := parse(s)
			if err != nil || format(x) != s {
				return x, ErrValue
			}
			return x, nil
		},
	}
}
