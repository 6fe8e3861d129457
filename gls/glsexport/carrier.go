package glsexport

import "github.com/seed18162548/contextvars/gls/glsadapter"

// A Carrier holds the values on the wire: the headers of a request, the
// metadata of a message. It has the same methods as OpenTelemetry's
// propagation.TextMapCarrier.
//
// A Carrier may also have a method Values(key string) []string that returns all
// values of a key, as OpenTelemetry's ValuesGetter does. A Carrier without it
// has at most one value for a key; if Get returns "", it has none.
type Carrier interface {
	// Get returns the value of key, or "".
	Get(key string) string
	// Set makes value the only value of key.
	Set(key, value string)
	// Keys returns the keys that the Carrier has.
	Keys() []string
}

type valuesGetter interface {
	Values(key string) []string
}

// values returns all values that c has for key.
func values(c Carrier, key string) []string {
	if c, ok := c.(valuesGetter); ok {
		return c.Values(key)
	}
	if value := c.Get(key); value != "" {
		return []string{value}
	}
	return nil
}

// A MapCarrier is a [Carrier] for the metadata of messages. Its keys are
// case-sensitive. A nil MapCarrier can be read from.
type MapCarrier map[string]string

// Get returns the value of key, or "".
func (m MapCarrier) Get(key string) string { return m[key] }

// Set makes value the value of key.
func (m MapCarrier) Set(key, value string) { m[key] = value }

// Keys returns the keys in no particular order.
func (m MapCarrier) Keys() []string { return glsadapter.Keys(m) }
