package main

import (
	"context"
	"crypto/rand"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed18162548/contextvars/contrib/glsnats"
)

// An identity is what every job carries, as a program without glsnats would
// have it in a context.
type identity struct {
	user, requestID string
	trace           glsnats.Trace
}

type identityKey struct{}

// header returns the headers of a job with the identity of ctx.
func header(ctx context.Context) nats.Header {
	who := ctx.Value(identityKey{}).(*identity)
	return nats.Header{
		nats.MsgIdHdr:  {rand.Text()},
		"baggage":      {"user=" + url.QueryEscape(who.user)},
		"X-Request-Id": {who.requestID},
		"traceparent":  {who.trace.String()},
	}
}

// parse returns the identity in the headers of a job.
func parse(h nats.Header) (who *identity, err error) {
	who = &identity{requestID: h.Get("X-Request-Id")}
	for rest, more := h.Get("baggage"), true; more; {
		var member string
		member, rest, more = strings.Cut(rest, ",")
		if value, ok := strings.CutPrefix(member, "user="); ok {
			if who.user, err = url.QueryUnescape(value); err != nil {
				return nil, err
			}
		}
	}
	if who.trace, err = glsnats.ParseTrace(h.Get("traceparent")); err != nil {
		return nil, err
	}
	return who, nil
}

type plainQueue struct {
	conn    *nats.Conn
	js      jetstream.JetStream
	subject string
	consume jetstream.ConsumeContext
}

// openPlain is what one would write by hand: publish and wait for the
// acknowledgement, consume and acknowledge, a goroutine for each job, headers
// set, read, and put into a context.
func openPlain(url, name string, handle func([]byte)) (queue, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := nats.Connect(url)
	if err != nil {
		return nil, err
	}
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, err
	}
	stream, err := js.CreateStream(ctx, jetstream.StreamConfig{
		Name: name, Subjects: []string{name + ".job.*"}, Retention: jetstream.WorkQueuePolicy,
	})
	if err != nil {
		return nil, err
	}
	consumer, err := stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: "work", FilterSubject: name + ".job.work", AckPolicy: jetstream.AckExplicitPolicy,
		MaxDeliver: -1, MaxAckPending: -1,
	})
	if err != nil {
		return nil, err
	}
	slots := make(chan struct{}, inFlight)
	consume, err := consumer.Consume(func(m jetstream.Msg) {
		slots <- struct{}{}
		go func() {
			who, err := parse(m.Headers())
			if err != nil {
				panic(err)
			}
			work(context.WithValue(context.Background(), identityKey{}, who), handle, m.Data())
			if err := m.Ack(); err != nil {
				panic(err)
			}
			<-slots
		}()
	}, jetstream.PullMaxMessages(inFlight))
	if err != nil {
		return nil, err
	}
	return &plainQueue{conn, js, name + ".job.work", consume}, nil
}

// produce has the identity in a context, once for all that the producer puts,
// as a server has for all that a request does.
func (q *plainQueue) produce(f func(context.Context)) {
	f(context.WithValue(context.Background(), identityKey{}, &identity{aUser, aRequest, aTrace}))
}

func (q *plainQueue) put(ctx context.Context, payload []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	_, err := q.js.PublishMsg(ctx, &nats.Msg{Subject: q.subject, Header: header(ctx), Data: payload})
	return err
}

// work is the function of the jobs, which reads whose they are.
func work(ctx context.Context, handle func([]byte), payload []byte) {
	who := ctx.Value(identityKey{}).(*identity)
	if who.user != aUser || who.requestID != aRequest || who.trace != aTrace {
		panic(errLost)
	}
	handle(payload)
}

func (q *plainQueue) close() error {
	q.consume.Drain()
	<-q.consume.Closed()
	defer q.conn.Close()
	return q.conn.Flush()
}
