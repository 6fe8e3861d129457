package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"

	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glshttp"
)

var suppliers = []string{"north", "south", "west"}

// prices asks suppliers for prices.
type prices struct {
	client *http.Client
	url    string // of the price service
	audit  *audit
	start  starter
}

// newPrices returns prices that asks the price service at url. By default
// [glshttp.Transport] sends the identity only to this machine.
func newPrices(url string, trail *audit, start starter) *prices {
	direct := &http.Transport{MaxIdleConnsPerHost: 100} // the default is two
	client := &http.Client{Transport: glshttp.Transport(direct, exports)}
	return &prices{client: client, url: url, audit: trail, start: start}
}

// A quote is the price of a piece at a supplier.
type quote struct {
	Supplier string `json:"supplier"`
	Cents    int64  `json:"cents"`
}

// best asks all suppliers at once and returns the lowest quote, or the first
// supplier's error if there is none. In this fan-out, a go statement in place
// of spawn.Go would lose the identity.
func (p *prices) best(po, item string) (quote, error) {
	quotes := make([]quote, len(suppliers))
	errs := make([]error, len(suppliers))
	var wg sync.WaitGroup
	for i, supplier := range suppliers {
		wg.Add(1)
		p.start(func() {
			defer wg.Done()
			quotes[i], errs[i] = p.ask(po, item, supplier)
		})
	}
	wg.Wait()

	var best quote
	for i, q := range quotes {
		if errs[i] == nil && (best.Supplier == "" || q.Cents < best.Cents) {
			best = q
		}
	}
	if best.Supplier == "" {
		return quote{}, errs[0]
	}
	return best, nil
}

// ask looks up the price of one piece of item at supplier.
func (p *prices) ask(po, item, supplier string) (quote, error) {
	p.audit.record(po, "asked", supplier)
	cents, err := p.lookUp(po, item, supplier)
	if err != nil {
		err = failed("%s: %w", supplier, err)
		slog.Warn("no price", "po", po, "supplier", supplier, "error", err)
		return quote{}, err
	}
	slog.Info("price", "po", po, "supplier", supplier, "cents", cents)
	return quote{Supplier: supplier, Cents: cents}, nil
}

// lookUp asks the price service, until the current request's deadline.
func (p *prices) lookUp(po, item, supplier string) (cents int64, err error) {
	query := url.Values{"po": {po}, "item": {item}, "supplier": {supplier}}
	r, err := http.NewRequestWithContext(glsctx.Current(), http.MethodGet, p.url+"/price?"+query.Encode(), nil)
	if err != nil {
		return 0, failed("ask: %w", err)
	}
	resp, err := p.client.Do(r)
	if err != nil {
		return 0, failed("ask: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16)) // to its end, or the connection is not reused
	if err != nil {
		return 0, failed("ask: %w", err)
	}
	var answer quote
	switch resp.StatusCode {
	case http.StatusOK:
		if err := json.Unmarshal(text, &answer); err != nil {
			return 0, failed("ask: %w", err)
		}
		return answer.Cents, nil
	case http.StatusNotFound:
		return 0, failed("%q is %w", item, errUnknown)
	default:
		return 0, failed("ask: the price service answered %s", resp.Status)
	}
}
