package main

import (
	"log/slog"
	"sync"
)

var suppliers = []string{"north", "south", "west"}

// prices asks suppliers for prices.
type prices struct {
	store *store
	audit *audit
	start starter
}

type quote struct {
	supplier string
	cents    int64 // for one piece
}

// best asks all suppliers at once and returns the lowest quote, or the first
// supplier's error if there is none. This is the fan-out where a go statement in
// place of spawn.Go would lose the identity.
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
		if errs[i] == nil && (best.supplier == "" || q.cents < best.cents) {
			best = q
		}
	}
	if best.supplier == "" {
		return quote{}, errs[0]
	}
	return best, nil
}

// ask looks up the price of one piece of item at supplier.
func (p *prices) ask(po, item, supplier string) (quote, error) {
	p.audit.record(po, "asked", supplier)
	cents, err := p.store.price(supplier, item)
	if err != nil {
		err = failed("%s: %w", supplier, err)
		slog.Warn("no price", "po", po, "supplier", supplier, "error", err)
		return quote{}, err
	}
	slog.Info("price", "po", po, "supplier", supplier, "cents", cents)
	return quote{supplier: supplier, cents: cents}, nil
}
