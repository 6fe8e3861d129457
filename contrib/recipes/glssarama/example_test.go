package glssarama_test

import (
	"fmt"

	"github.com/IBM/sarama"

	"github.com/seed18162548/contextvars/contrib/recipes/glssarama"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// In a program, SendMessage of a producer sends what Message returns, and
// Messages of a partition consumer has what arrives.
func Example() {
	user := gls.New[string]("user")
	export := glsexport.ExportHeader(user, "user", glsexport.String())
	defer user.Set("ann").Reset()
	sent := glssarama.Message(&sarama.ProducerMessage{Topic: "greetings"}, export)

	received := &sarama.ConsumerMessage{Headers: []*sarama.RecordHeader{&sent.Headers[0]}}
	glssarama.Consume(received, func() { fmt.Println("from", user.Get()) }, export)
	// Output: from ann
}
