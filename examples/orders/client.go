package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
)

// A call is a request of the self-test: what the client sends and what it
// receives.
type call struct {
	who      identity // sent in the headers
	po       string   // sent in the path
	item     string
	quantity int
	status   int // the one to be expected
	asks     int // number of price look-ups to expect

	got reply
}

// A reply is what came back for a call.
type reply struct {
	status int
	who    identity // from the headers
	order  order    // if placed
	err    string   // if refused
	reused bool     // whether it came over a connection that had served another call
}

// plan returns n calls with different IDs. Their order numbers begin with
// prefix. Order numbers are passed through the service as plain arguments, so
// they show which call a mark belongs to, whatever identity it has.
func plan(n int, prefix string) []*call {
	users := []string{"ann", "ben", "cleo", "dan", "eva", "finn", "gus", "hana"}
	calls := make([]*call, n)
	for i := range calls {
		c := &call{
			who: identity{
				Request: fmt.Sprintf("req-%03d", i),
				User:    users[i%len(users)],
				Trace:   newTrace(),
			},
			po:   fmt.Sprintf("%s%03d", prefix, i),
			item: "bolt", quantity: 1 + i%9, status: http.StatusCreated, asks: len(suppliers),
		}
		switch {
		case i%25 == 7:
			c.quantity, c.status, c.asks = 0, http.StatusBadRequest, 0
		case i%10 == 3:
			c.item, c.status = "unicorn", http.StatusNotFound
		case i%20 == 11:
			c.item, c.status = "lamp", http.StatusConflict
		case i%2 == 0:
			c.item = "rope"
		}
		calls[i] = c
	}
	return calls
}

// sendAll makes all calls at once, over at most the given number of keep-alive
// connections.
func sendAll(base string, calls []*call, connections int) error {
	transport := &http.Transport{MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}

	errs := make([]error, len(calls))
	var wg sync.WaitGroup
	for i, c := range calls {
		wg.Go(func() { errs[i] = c.send(client, base) })
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("%s: %w", calls[i].po, err)
		}
	}
	return nil
}

// send makes the call and fills in got. An unexpected status is an error.
func (c *call) send(client *http.Client, base string) error {
	body := fmt.Sprintf(`{"item":%q,"quantity":%d}`, c.item, c.quantity)
	r, err := http.NewRequest(http.MethodPut, base+"/orders/"+c.po, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set(requestHeader, c.who.Request)
	r.Header.Set(userHeader, c.who.User)
	r.Header.Set(traceHeader, c.who.Trace)
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) { c.got.reused = info.Reused },
	}))

	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body) // to its end, or the connection is not used again
	if err != nil {
		return err
	}
	var answer struct {
		order
		Error string
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return fmt.Errorf("%s: %w", resp.Status, err)
	}
	c.got.status = resp.StatusCode
	c.got.who = identity{
		Request: resp.Header.Get(requestHeader),
		User:    resp.Header.Get(userHeader),
		Trace:   resp.Header.Get(traceHeader),
	}
	c.got.order, c.got.err = answer.order, answer.Error
	if c.got.status != c.status {
		return fmt.Errorf("answered %s instead of %d: %s", resp.Status, c.status, answer.Error)
	}
	return nil
}
