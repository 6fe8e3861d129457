package glsnats

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ErrFull is returned for a job that the stream or the server has no room for:
// [Client.Go] does not wait for room. It wraps the server's error.
var ErrFull = errors.New("glsnats: queue is full")

// Errors of the server that have no name in jetstream.
const (
	codeAccount   jetstream.ErrorCode = 10002 // its limits
	codeNoPeers   jetstream.ErrorCode = 10005 // for as many replicas, so far
	codeResources jetstream.ErrorCode = 10023
	codeNoMemory  jetstream.ErrorCode = 10028
	codeNoStorage jetstream.ErrorCode = 10047
	codeNotStored jetstream.ErrorCode = 10077 // for which the description has the reason
)

// store publishes m until a stream has stored it. It reports whether the first
// attempt found a message with its ID, because later attempts may find the
// message of an earlier one.
func (c *Client) store(ctx context.Context, m *nats.Msg) (duplicate bool, err error) {
	first := true
	err = retry(ctx, c.publish, &c.counters.retried, func(ctx context.Context, patience time.Duration) error {
		ack, err := c.put(ctx, patience, m)
		duplicate = ack.Duplicate && first
		first = false
		return err
	})
	return duplicate && err == nil, err
}

// put publishes m once and waits until a stream has stored it.
func (c *Client) put(ctx context.Context, patience time.Duration, m *nats.Msg) (ack jetstream.PubAck, err error) {
	answer, err := c.answers.request(ctx, m, patience)
	switch {
	case err == nil:
		return stored(answer.Data)
	case errors.Is(err, nats.ErrNoResponders):
		// There is no stream, or it has no leader.
		return ack, errors.Join(jetstream.ErrNoStreamResponse, c.heal(ctx, patience))
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return ack, c.unanswered(err)
	default:
		return ack, err
	}
}

// plainAck parses the usual answer of a stream without package json, whose cost
// is a tenth of what a job costs its producer. It reports whether answer has
// that form.
func plainAck(answer []byte) (ack jetstream.PubAck, ok bool) {
	rest, ok := bytes.CutPrefix(answer, []byte(`{"stream":"`))
	name, rest, found := bytes.Cut(rest, []byte(`"`))
	number, ok2 := bytes.CutPrefix(rest, []byte(`,"seq":`))
	if !ok || !found || !ok2 || !isName(string(name)) {
		return ack, false
	}
	number, ok = bytes.CutSuffix(number, []byte(`}`))
	if !ok || len(number) == 0 || len(number) > 18 || number[0] == '0' {
		return ack, false
	}
	for _, c := range number {
		if c < '0' || c > '9' {
			return ack, false
		}
		ack.Sequence = 10*ack.Sequence + uint64(c-'0')
	}
	ack.Stream = string(name)
	return ack, true
}

// stored parses the answer of a stream to a message.
func stored(answer []byte) (jetstream.PubAck, error) {
	if ack, ok := plainAck(answer); ok {
		return ack, nil
	}
	var ack struct {
		jetstream.PubAck
		Error *jetstream.APIError
	}
	if err := json.Unmarshal(answer, &ack); err != nil || ack.Stream == "" && ack.Error == nil {
		return ack.PubAck, fmt.Errorf("%w: %q", jetstream.ErrInvalidJSAck, bytes.ToValidUTF8(answer[:min(len(answer), 100)], nil))
	}
	switch e := ack.Error; {
	case e == nil:
		return ack.PubAck, nil
	case e.ErrorCode == codeAccount, e.ErrorCode == codeResources,
		e.ErrorCode == codeNoMemory, e.ErrorCode == codeNoStorage,
		e.ErrorCode == codeNotStored && strings.HasPrefix(e.Description, "maximum "):
		return ack.PubAck, fmt.Errorf("%w: %w", ErrFull, e)
	default:
		return ack.PubAck, e
	}
}
