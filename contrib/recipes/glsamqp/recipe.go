// Package glsamqp is a recipe for variables in the headers of the messages that
// amqp091 publishes and delivers.
package glsamqp

import (
	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// Publishing returns p with these variables added to a copy of its headers,
// with the bindings of the calling goroutine. It does not replace headers that
// p already has.
func Publishing(p amqp.Publishing, vars ...glsexport.Exported) amqp.Publishing {
	headers := make(amqp.Table, len(p.Headers)+len(vars))
	for key, value := range p.Headers {
		headers[key] = value
	}
	glsexport.Inject(Carrier(headers), vars...)
	p.Headers = headers
	return p
}

// Consume calls f in a new Context with vars bound to the values in the headers
// of d. It trusts everyone who may publish to the queue.
func Consume(d amqp.Delivery, f func(), vars ...glsexport.Exported) {
	bindings, _ := glsexport.Extract(Carrier(d.Headers), vars...)
	gls.Isolate(func() { gls.With(f, bindings...) })
}

// Carrier makes the headers of a message a glsexport.Carrier. A header whose
// value is not a string counts as present, but Get returns "" for it.
type Carrier amqp.Table

// Get returns the value of key, or "".
func (c Carrier) Get(key string) string {
	value, _ := c[key].(string)
	return value
}

// Set makes value the value of key.
func (c Carrier) Set(key, value string) { c[key] = value }

// Keys returns the keys.
func (c Carrier) Keys() (keys []string) {
	for key := range c {
		keys = append(keys, key)
	}
	return keys
}
