package glsamqp_test

import (
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/seed18162548/contextvars/contrib/recipes/glsamqp"
)

// In a program, channel.PublishWithContext sends what Publishing returns, and
// channel.Consume returns the deliveries.
func Example() {
	defer user.Set("ann").Reset()
	sent := glsamqp.Publishing(amqp.Publishing{Body: []byte("hello")}, exports...)

	received := amqp.Delivery{Headers: sent.Headers, Body: sent.Body}
	glsamqp.Consume(received, func() {
		fmt.Printf("%s from %s\n", received.Body, user.Get())
	}, exports...)
	// Output: hello from ann
}
