package main

import "log/slog"

// An order is an order as the store keeps it.
type order struct {
	PO       string   `json:"po"`
	Item     string   `json:"item"`
	Quantity int      `json:"quantity"`
	Supplier string   `json:"supplier"`
	Cents    int64    `json:"cents"`
	PlacedBy identity `json:"placed_by"`
}

// orders is the service layer. Its methods may be called from any goroutine.
type orders struct {
	store  *store
	prices *prices
	audit  *audit
}

// place buys quantity pieces of item from the cheapest supplier, as order po.
// Its log line and its audit row say whether that succeeded.
func (s *orders) place(po, item string, quantity int) (order, error) {
	o, err := s.buy(po, item, quantity)
	if err != nil {
		err = failed("order %s: %w", po, err)
		slog.Warn("refused", "po", po, "error", err)
		s.audit.record(po, "refused", item)
		return order{}, err
	}
	slog.Info("placed", "po", po, "supplier", o.Supplier, "cents", o.Cents)
	s.audit.record(po, "placed", item)
	return o, nil
}

func (s *orders) buy(po, item string, quantity int) (order, error) {
	if !wellFormed(po) {
		return order{}, failed("%w: bad order number", errMalformed)
	}
	if quantity < 1 || quantity > 1000 {
		return order{}, failed("%w, not %d", errQuantity, quantity)
	}
	best, err := s.prices.best(po, item)
	if err != nil {
		return order{}, err
	}
	o := order{
		PO: po, Item: item, Quantity: quantity,
		Supplier: best.Supplier, Cents: best.Cents * int64(quantity),
		PlacedBy: current(),
	}
	// The transaction must not wait for the audit goroutine, which needs the
	// database that this transaction locks.
	return o, s.store.transaction(func() error {
		if err := s.store.insertOrder(o); err != nil {
			return err
		}
		return s.store.takeStock(item, quantity)
	})
}

// find returns order po.
func (s *orders) find(po string) (order, error) { return s.store.order(po) }
