package glsnats

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// results passes results to the calls that wait for them. All calls share one
// subscription, which every server knows long before a job arrives there; a
// subscription made for a single call might be too late.
type results struct {
	conn   *nats.Conn // immutable
	stream string     // immutable
	inbox  string     // of this Client, a token of the subjects; immutable

	mu      sync.Mutex
	waiting map[string]chan *nats.Msg // by the last token of the subject; guarded by mu
}

// alive is the last token of the subject at which a Client answers that it is
// alive.
const alive = "alive"

// answerTime is how long a Client may take to answer.
const answerTime = 2 * time.Second

func replyPrefix(stream string) string { return stream + ".reply." }

func newResults(conn *nats.Conn, stream string) *results {
	// The inbox without its prefix is unique, and one token.
	inbox := conn.NewInbox()
	inbox = inbox[strings.LastIndexByte(inbox, '.')+1:]
	return &results{conn: conn, stream: stream, inbox: inbox, waiting: map[string]chan *nats.Msg{}}
}

// listen subscribes to results.
func (r *results) listen() error {
	_, err := r.conn.Subscribe(r.subject(r.inbox, "*"), r.deliver)
	return err
}

// subject returns the subject of the Client with that inbox for token.
func (r *results) subject(inbox, token string) string {
	return replyPrefix(r.stream) + inbox + "." + token
}

// expect returns a subject, a channel that receives the first message to it,
// and a function that stops this.
func (r *results) expect() (subject string, result chan *nats.Msg, forget func()) {
	token := nats.NewInbox()[len(nats.InboxPrefix):]
	result = make(chan *nats.Msg, 1)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting[token] = result
	return r.subject(r.inbox, token), result, func() { r.take(token) }
}

// take returns the channel of token, or nil if no call waits, and forgets it.
func (r *results) take(token string) chan *nats.Msg {
	r.mu.Lock()
	defer r.mu.Unlock()
	result := r.waiting[token]
	delete(r.waiting, token)
	return result
}

// deliver handles every message to the Client. A second result, of a job that
// was run twice, is dropped.
func (r *results) deliver(m *nats.Msg) {
	token := m.Subject[strings.LastIndexByte(m.Subject, '.')+1:]
	if token == alive {
		if isReply(r.stream, m.Reply) {
			_ = m.Respond(nil) // if this fails, the other worker asks again for the next job
		}
		return
	}
	if result := r.take(token); result != nil {
		result <- m
	}
}

// lives reports whether the Client with that inbox answers.
func (r *results) lives(ctx context.Context, inbox string) bool {
	subject, answer, forget := r.expect()
	defer forget()
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	if r.conn.PublishRequest(r.subject(inbox, alive), subject, nil) != nil {
		return false
	}
	select {
	case m := <-answer:
		return m.Header.Get("Status") == "" // else nobody listens
	case <-ctx.Done():
		return false
	}
}

// replySubject returns the subject for the result of a job with the headers h,
// or "". The header cannot be trusted: a worker may be allowed to publish what
// the producer may not, so it only publishes to subjects of results.
func (c *Client) replySubject(h nats.Header) string {
	if subject := h.Get(replyHeader); isReply(c.stream, subject) {
		return subject
	}
	return ""
}

// isReply reports whether a result may be sent to subject.
func isReply(stream, subject string) bool {
	rest, ok := strings.CutPrefix(subject, replyPrefix(stream))
	return ok && len(rest) <= 128 && strings.Count(rest, ".") == 1 && validID(subject) && !strings.ContainsAny(rest, "*>") &&
		rest[0] != '.' && rest[len(rest)-1] != '.' && !strings.HasSuffix(rest, "."+alive)
}
