package glsexport

import (
	"strings"
	"unicode/utf8"
)

// BaggageHeader is the name of the header with the baggage.
const BaggageHeader = "baggage"

// Limits of a baggage string, for [Inject] and [Extract]. They are the minimum
// that the Recommendation requires implementations to pass on.
const (
	MaxMembers = 64
	MaxBytes   = 8192 // also of a header of a variable's own
)

// A Member is one entry of the baggage, decoded.
type Member struct {
	Key        string // a token; case matters
	Value      string // valid UTF-8
	Properties []Property
}

// A Property is metadata of a [Member]. This package gives it no meaning.
type Property struct {
	Key      string // a token
	Value    string // valid UTF-8
	HasValue bool   // there was an equals sign
}

// A Baggage is the result of [ParseBaggage].
type Baggage struct {
	Members   []Member // in order, including those with the same key
	Malformed int      // members that were left out because they could not be parsed
	Excess    int      // members that were left out because of the limits
}

// ParseBaggage parses the values of all baggage headers of a message, in the
// format of the W3C Recommendation "Propagation format for distributed context:
// Baggage". It never fails. It reads only the first [MaxMembers] members, and
// of those only the ones that lie completely within the first [MaxBytes] bytes.
//
// It accepts what the grammar allows, as well as empty members and empty
// properties, which it ignores. A percent sign must begin an escape. Bytes that
// are not UTF-8 after unescaping become U+FFFD, as the Recommendation requires;
// the codec [String] refuses those.
func ParseBaggage(headers ...string) Baggage {
	var b Baggage
	s, excess := clip(strings.Join(headers, ","))
	b.Excess = excess

	var (
		element string
		more    = true
		n       = 0
	)
	for more {
		element, s, more = strings.Cut(s, ",")
		if trim(element) == "" {
			continue
		}
		if n++; n > MaxMembers {
			b.Excess++
			continue
		}
		if m, ok := parseMember(element); ok {
			b.Members = append(b.Members, m)
		} else {
			b.Malformed++
		}
	}
	return b
}

// clip returns the members of s that end within MaxBytes, and how many do not.
func clip(s string) (kept string, excess int) {
	if len(s) <= MaxBytes {
		return s, 0
	}
	end := strings.LastIndexByte(s[:MaxBytes+1], ',')
	if end < 0 {
		return "", 1 + strings.Count(s, ",")
	}
	return s[:end], strings.Count(s[end:], ",")
}

func parseMember(s string) (m Member, ok bool) {
	pair, rest, more := strings.Cut(s, ";")
	m.Key, m.Value, ok = parsePair(pair)
	if !ok || !strings.Contains(pair, "=") {
		return Member{}, false
	}
	var property string
	for more {
		property, rest, more = strings.Cut(rest, ";")
		if property == "" {
			continue
		}
		key, value, ok := parsePair(property)
		if !ok {
			return Member{}, false
		}
		m.Properties = append(m.Properties, Property{key, value, strings.Contains(property, "=")})
	}
	return m, true
}

// parsePair parses a key, or a key and a value. The value ends where s does, so
// it may contain equals signs.
func parsePair(s string) (key, value string, ok bool) {
	key, value, _ = strings.Cut(s, "=")
	key = trim(key)
	if !isToken(key) {
		return "", "", false
	}
	value, ok = unescape(trim(value))
	return key, value, ok
}

// String returns m in the form of a baggage header. Its key and those of its
// properties must be tokens.
func (m Member) String() string { return string(m.appendTo(nil)) }

// appendTo appends m.String() to text.
func (m Member) appendTo(text []byte) []byte {
	text = append(text, m.Key...)
	text = append(text, '=')
	text = appendEscaped(text, m.Value)
	for _, p := range m.Properties {
		text = append(text, ';')
		text = append(text, p.Key...)
		if p.HasValue {
			text = append(text, '=')
			text = appendEscaped(text, p.Value)
		}
	}
	return text
}

// A memberList is a baggage header within the limits.
type memberList struct {
	text []byte
	n    int
	full bool
}

// with returns l with m appended, whole or not at all. It reports false once
// one did not fit; from then on it appends nothing.
func (l memberList) with(m Member) (longer memberList, ok bool) {
	if l.full {
		return l, false
	}
	text := l.text
	if l.n > 0 {
		text = append(text, ',')
	}
	text = m.appendTo(text)
	if l.n == MaxMembers || len(text) > MaxBytes {
		l.full = true
		return l, false
	}
	return memberList{text: text, n: l.n + 1}, true
}

// String returns the header.
func (l memberList) String() string { return string(l.text) }

// behind returns the header with others in front of l's members, as far as
// there is room.
func (l memberList) behind(others []Member) string {
	front := memberList{n: l.n}
	for _, m := range others {
		text := append(m.appendTo(front.text), ',')
		if front.n == MaxMembers || len(text)+len(l.text) > MaxBytes {
			break
		}
		front.text = text
		front.n++
	}
	return front.String() + l.String()
}

const hex = "0123456789ABCDEF"

// appendEscaped appends s to text, percent-encoding all bytes except
// baggage-octets.
func appendEscaped(text []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; isOctet(c) && c != '%' {
			text = append(text, c)
		} else {
			text = append(text, '%', hex[c>>4], hex[c&15])
		}
	}
	return text
}

// unescape undoes appendEscaped. It reports whether s is made of baggage-octets
// and complete escapes. It allocates only if there are escapes.
func unescape(s string) (string, bool) {
	escaped := false
	for i := 0; i < len(s); i++ {
		if !isOctet(s[i]) {
			return "", false
		}
		escaped = escaped || s[i] == '%'
	}
	if !escaped {
		return s, true
	}
	plain := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' {
			if i+2 >= len(s) {
				return "", false
			}
			high, low := unhex(s[i+1]), unhex(s[i+2])
			if high < 0 || low < 0 {
				return "", false
			}
			c = byte(high<<4 | low)
			i += 2
		}
		plain = append(plain, c)
	}
	if !utf8.Valid(plain) {
		return string([]rune(string(plain))), true
	}
	return string(plain), true
}

// unhex returns the value of the hexadecimal digit c, or -1.
func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c - 'a' + 10)
	case 'A' <= c && c <= 'F':
		return int(c - 'A' + 10)
	}
	return -1
}

// isOctet reports whether c is a baggage-octet: visible ASCII except the quote,
// the comma, the semicolon and the backslash.
func isOctet(c byte) bool {
	return 0x21 <= c && c <= 0x7e && c != '"' && c != ',' && c != ';' && c != '\\'
}

// isToken reports whether s is a token of RFC 9110, 5.6.2.
func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		alnum := '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !alnum && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// trim removes optional white space, which is spaces and tabs.
func trim(s string) string { return strings.Trim(s, " \t") }
