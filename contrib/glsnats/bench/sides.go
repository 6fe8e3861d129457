package main

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// What every job carries.
var (
	requestID = gls.New[string]("request_id")
	user      = gls.New[string]("user")
)

const (
	aRequest = "0199c3a5-5f0e-7abc-8def-0123456789ab"
	aUser    = "ann"
)

var aTrace = glsnats.NewTrace()

// errLost is that a job ran without what it carries.
var errLost = errors.New("a job ran without its headers")

type plainQueue struct {
	conn    *nats.Conn
	js      jetstream.JetStream
	subject string
	consume jetstream.ConsumeContext
}

// openPlain is what one would write by hand: publish and wait for the
// acknowledgement, consume and acknowledge, a goroutine for each job, headers
// set and read.
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
			h := m.Headers()
			if h.Get("baggage") == "" || h.Get("X-Request-Id") == "" || h.Get("traceparent") == "" {
				panic(errLost)
			}
			handle(m.Data())
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

func (q *plainQueue) produce(f func()) { f() }

func (q *plainQueue) put(payload []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_, err := q.js.PublishMsg(ctx, &nats.Msg{
		Subject: q.subject,
		Header: nats.Header{
			nats.MsgIdHdr:  {rand.Text()},
			"baggage":      {"user=" + aUser},
			"X-Request-Id": {aRequest},
			"traceparent":  {aTrace.String()},
		},
		Data: payload,
	})
	return err
}

func (q *plainQueue) close() error {
	q.consume.Drain()
	<-q.consume.Closed()
	defer q.conn.Close()
	return q.conn.Flush()
}

type clientQueue struct{ client *glsnats.Client }

func openClient(url, name string, handle func([]byte)) (queue, error) {
	client, err := glsnats.Connect(url, glsnats.Stream(name), glsnats.Exports(
		glsexport.Export(user, "user", glsexport.String()),
		glsexport.ExportHeader(requestID, "X-Request-Id", glsexport.String())))
	if err != nil {
		return nil, err
	}
	err = client.Handle("work", func(j glsnats.Job) error {
		if user.Get() != aUser || requestID.Get() != aRequest || glsnats.TraceParent.Get() != aTrace {
			panic(errLost)
		}
		handle(j.Payload)
		return nil
	}, glsnats.InFlight(inFlight))
	if err != nil {
		return nil, err
	}
	return &clientQueue{client}, nil
}

// produce binds, once for all that the producer puts, as a server does for all
// that a request does.
func (q *clientQueue) produce(f func()) {
	gls.With(f, user.Bind(aUser), requestID.Bind(aRequest), glsnats.TraceParent.Bind(aTrace))
}

func (q *clientQueue) put(payload []byte) error { return q.client.Go("work", payload) }

func (q *clientQueue) close() error { return q.client.Drain(context.Background()) }
