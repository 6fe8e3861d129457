// Package glssarama is a recipe for variables in the headers of sarama's
// messages.
package glssarama

import (
	"github.com/IBM/sarama"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// Message adds these variables to m, with the bindings of the calling
// goroutine, and returns m. It does not replace headers that m already has. A
// sarama.ProducerInterceptor cannot add them, because it runs on a goroutine of
// the producer.
func Message(m *sarama.ProducerMessage, vars ...glsexport.Exported) *sarama.ProducerMessage {
	glsexport.Inject(produced{m}, vars...)
	return m
}

// Consume calls f in a new Context with vars bound to the values in the headers
// of m. It trusts everyone who may write to the topic.
func Consume(m *sarama.ConsumerMessage, f func(), vars ...glsexport.Exported) {
	bindings, _ := glsexport.Extract(consumed{m}, vars...)
	gls.Isolate(func() { gls.With(f, bindings...) })
}

// produced makes the headers of a message to be sent a glsexport.Carrier.
type produced struct{ *sarama.ProducerMessage }

func (c produced) Get(key string) string { return append(c.Values(key), "")[0] }

// Set adds a header. glsexport.Inject does not set one that m already has.
func (c produced) Set(key, value string) {
	c.Headers = append(c.Headers, sarama.RecordHeader{Key: []byte(key), Value: []byte(value)})
}

func (c produced) Values(key string) (values []string) {
	for _, h := range c.Headers {
		if string(h.Key) == key {
			values = append(values, string(h.Value))
		}
	}
	return values
}

func (c produced) Keys() (keys []string) {
	for _, h := range c.Headers {
		keys = append(keys, string(h.Key))
	}
	return keys
}

// consumed makes the headers of a received message a glsexport.Carrier.
type consumed struct{ *sarama.ConsumerMessage }

func (c consumed) Get(key string) string { return append(c.Values(key), "")[0] }

// Set does nothing. A received message is only read.
func (consumed) Set(string, string) {}

func (c consumed) Values(key string) (values []string) {
	for _, h := range c.Headers {
		if string(h.Key) == key {
			values = append(values, string(h.Value))
		}
	}
	return values
}

func (c consumed) Keys() (keys []string) {
	for _, h := range c.Headers {
		keys = append(keys, string(h.Key))
	}
	return keys
}
