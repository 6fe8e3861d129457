package glskafka_test

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/seed18162548/contextvars/contrib/recipes/glskafka"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// kgo.WithHooks(hook) makes a client call the hook when it buffers a record.
func Example() {
	user := gls.New[string]("user")
	hook := glskafka.Produce{glsexport.ExportHeader(user, "user", glsexport.String())}
	defer user.Set("ann").Reset()
	record := kgo.StringRecord("hello")
	hook.OnProduceRecordBuffered(record)

	glskafka.Consume(record, func() {
		fmt.Printf("%s from %s\n", record.Value, user.Get())
	}, hook...)
	// Output: hello from ann
}
