package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"

	"github.com/seed18162548/contextvars/contrib/glsnats"
)

// A call is a request of the self-test.
type call struct {
	who      identity
	trace    glsnats.Trace
	album    string
	pictures int
	made     []thumbnail // the reply
}

// plan returns n calls, each with its own identity.
func plan(n int) []*call {
	users := []string{"ann", "ben", "cleo", "dan", "eva", "finn", "gus"}
	calls := make([]*call, n)
	for i := range calls {
		trace := glsnats.NewTrace()
		calls[i] = &call{
			who:      identity{fmt.Sprintf("req-%03d", i), users[i%len(users)], trace.TraceID()},
			trace:    trace,
			album:    fmt.Sprintf("album%03d", i),
			pictures: 1 + i%10,
		}
	}
	return calls
}

// sendAll makes all calls, atOnce at a time and over as many connections. It
// calls done after each.
func sendAll(base string, calls []*call, atOnce int, done func()) error {
	transport := &http.Transport{MaxIdleConnsPerHost: atOnce}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	slots := make(chan struct{}, atOnce)
	errs := make([]error, len(calls))
	var wg sync.WaitGroup
	for i, c := range calls {
		slots <- struct{}{}
		wg.Go(func() {
			errs[i] = c.send(client, base)
			<-slots
			done()
		})
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("%s: %w", calls[i].album, err)
		}
	}
	return nil
}

func (c *call) send(client *http.Client, base string) error {
	r, err := http.NewRequest(http.MethodPost, base+"/albums/"+url.PathEscape(c.album), nil)
	if err != nil {
		return err
	}
	r.URL.RawQuery = fmt.Sprintf("pictures=%d", c.pictures)
	r.Header.Set("X-Request-ID", c.who.Request)
	r.Header.Set("X-User", c.who.User)
	r.Header.Set("traceparent", c.trace.String())
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", resp.Status, text)
	}
	return json.Unmarshal(text, &c.made)
}

// replyMarks returns the marks in the replies.
func replyMarks(calls []*call) (marks []mark) {
	for _, c := range calls {
		for _, t := range c.made {
			marks = append(marks, mark{inReply, c.album, t.By})
		}
	}
	return marks
}
