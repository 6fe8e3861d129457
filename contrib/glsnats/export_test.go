package glsnats

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"
)

// Request publishes m and returns the answer that comes while patience lasts.
func (c *Client) Request(ctx context.Context, m *nats.Msg, patience time.Duration) (*nats.Msg, error) {
	return c.answers.request(ctx, m, patience)
}

// Waiting returns how many requests wait for an answer.
func (c *Client) Waiting() int {
	c.answers.mu.Lock()
	defer c.answers.mu.Unlock()
	return len(c.answers.waiting)
}
