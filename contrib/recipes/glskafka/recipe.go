// Package glskafka is a recipe for variables in the headers of franz-go's
// records.
package glskafka

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// Produce is a hook, for kgo.WithHooks, that adds these variables to every
// record, with the bindings of the goroutine that calls Produce. It does not
// replace headers that a record already has.
type Produce []glsexport.Exported

// OnProduceRecordBuffered implements kgo.HookProduceRecordBuffered.
func (p Produce) OnProduceRecordBuffered(r *kgo.Record) { glsexport.Inject(Carrier{r}, p...) }

// Consume calls f in a new Context with vars bound to the values in the headers
// of r. It trusts everyone who may write to the topic.
func Consume(r *kgo.Record, f func(), vars ...glsexport.Exported) {
	bindings, _ := glsexport.Extract(Carrier{r}, vars...)
	gls.Isolate(func() { gls.With(f, bindings...) })
}

// Carrier makes the headers of a record a glsexport.Carrier.
type Carrier struct{ *kgo.Record }

// Get returns the first value of key, or "".
func (c Carrier) Get(key string) string { return append(c.Values(key), "")[0] }

// Set adds a header. glsexport.Inject does not call it for headers that the
// record has.
func (c Carrier) Set(key, value string) {
	c.Headers = append(c.Headers, kgo.RecordHeader{Key: key, Value: []byte(value)})
}

// Values returns all values of key.
func (c Carrier) Values(key string) (values []string) {
	for _, h := range c.Headers {
		if h.Key == key {
			values = append(values, string(h.Value))
		}
	}
	return values
}

// Keys returns the keys.
func (c Carrier) Keys() (keys []string) {
	for _, h := range c.Headers {
		keys = append(keys, h.Key)
	}
	return keys
}
