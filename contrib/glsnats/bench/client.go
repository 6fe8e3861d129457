package main

import (
	"context"
	"errors"

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
var errLost = errors.New("a job ran without its identity")

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
func (q *clientQueue) produce(f func(context.Context)) {
	gls.With(func() { f(context.Background()) }, user.Bind(aUser), requestID.Bind(aRequest), glsnats.TraceParent.Bind(aTrace))
}

func (q *clientQueue) put(_ context.Context, payload []byte) error {
	return q.client.Go("work", payload)
}

func (q *clientQueue) close() error { return q.client.Drain(context.Background()) }
