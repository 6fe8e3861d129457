package main

import (
	"fmt"

	"github.com/seed18162548/contextvars/gls"
)

// What a request carries through the program. The edge binds them, nobody else.
var (
	requestID = gls.New[string]("request_id")
	user      = gls.New[string]("user")
	traceID   = gls.New[string]("trace_id")
)

// An identity is the three of them together, for records that keep them.
type identity struct {
	Request string `json:"request_id"`
	User    string `json:"user"`
	Trace   string `json:"trace_id"`
}

// current returns the identity of the request that the calling goroutine works
// for; empty if it works for none.
func current() identity {
	return identity{Request: requestID.Get(), User: user.Get(), Trace: traceID.Get()}
}

// String returns id in the form of the log.
func (id identity) String() string {
	if id == (identity{}) {
		return "no request"
	}
	return fmt.Sprintf("%s=%s %s=%s %s=%s",
		requestID.Name(), id.Request, user.Name(), id.User, traceID.Name(), id.Trace)
}
