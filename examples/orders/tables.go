package main

import (
	"database/sql"
	"errors"
)

// A missing identity is stored as empty IDs, so that the self-test can
// distinguish a lost identity from a lost row.
const schema = `
CREATE TABLE IF NOT EXISTS prices (
	supplier TEXT, item TEXT, cents INTEGER NOT NULL, PRIMARY KEY (supplier, item));
CREATE TABLE IF NOT EXISTS stock (
	item TEXT PRIMARY KEY, pieces INTEGER NOT NULL CHECK (pieces >= 0));
CREATE TABLE IF NOT EXISTS orders (
	po TEXT PRIMARY KEY, item TEXT NOT NULL, quantity INTEGER NOT NULL,
	supplier TEXT NOT NULL, cents INTEGER NOT NULL,
	request_id TEXT NOT NULL, user TEXT NOT NULL, trace_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS audit (
	id INTEGER PRIMARY KEY, at TEXT NOT NULL DEFAULT (datetime()),
	po TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL,
	request_id TEXT NOT NULL, user TEXT NOT NULL, trace_id TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS audit_by_po ON audit (po);`

// delivery fills the shelves, with enough of everything except lamps.
const delivery = `
INSERT OR REPLACE INTO prices (supplier, item, cents) VALUES
	('north', 'bolt', 25), ('south', 'bolt', 24), ('west', 'bolt', 31),
	('north', 'rope', 1190), ('south', 'rope', 1340), ('west', 'rope', 1090),
	('north', 'lamp', 4900), ('south', 'lamp', 5200), ('west', 'lamp', 5100);
INSERT OR REPLACE INTO stock (item, pieces) VALUES
	('bolt', 1000000), ('rope', 1000000), ('lamp', 0);`

// prepare creates the tables. It fails if there are different ones with the
// same names.
func (s *store) prepare() error {
	for _, statement := range []string{
		schema,
		delivery,
		`SELECT po, item, quantity, supplier, cents, request_id, user, trace_id FROM orders LIMIT 0`,
		`SELECT id, at, po, action, detail, request_id, user, trace_id FROM audit LIMIT 0`,
	} {
		if _, err := s.pool.Exec(statement); err != nil {
			return err
		}
	}
	return nil
}

// price returns the price of one piece of item at supplier.
func (s *store) price(supplier, item string) (cents int64, err error) {
	err = s.db().QueryRow(`SELECT cents FROM prices WHERE supplier = ? AND item = ?`, supplier, item).Scan(&cents)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, failed("%q is %w", item, errUnknown)
	}
	if err != nil {
		return 0, failed("read price: %w", err)
	}
	return cents, nil
}

// takeStock takes quantity pieces of item from the shelf.
func (s *store) takeStock(item string, quantity int) error {
	n, err := s.exec(`UPDATE stock SET pieces = pieces - ?2 WHERE item = ?1 AND pieces >= ?2`, item, quantity)
	if err != nil {
		return failed("take stock: %w", err)
	}
	if n == 0 {
		return failed("%q is %w", item, errOutOfStock)
	}
	return nil
}

// insertOrder stores o, unless there is an order with that number.
func (s *store) insertOrder(o order) error {
	n, err := s.exec(`INSERT INTO orders (po, item, quantity, supplier, cents, request_id, user, trace_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		o.PO, o.Item, o.Quantity, o.Supplier, o.Cents, o.PlacedBy.Request, o.PlacedBy.User, o.PlacedBy.Trace)
	if err != nil {
		return failed("insert order: %w", err)
	}
	if n == 0 {
		return failed("%w", errDuplicate)
	}
	return nil
}

// order returns the order with number po.
func (s *store) order(po string) (order, error) {
	o := order{PO: po}
	err := s.db().QueryRow(`SELECT item, quantity, supplier, cents, request_id, user, trace_id FROM orders WHERE po = ?`, po).
		Scan(&o.Item, &o.Quantity, &o.Supplier, &o.Cents, &o.PlacedBy.Request, &o.PlacedBy.User, &o.PlacedBy.Trace)
	if errors.Is(err, sql.ErrNoRows) {
		return order{}, failed("%w: %s", errNoOrder, po)
	}
	if err != nil {
		return order{}, failed("read order: %w", err)
	}
	return o, nil
}

// insertAudit stores a row of the audit trail, with the current identity.
func (s *store) insertAudit(po, action, detail string) error {
	who := current()
	_, err := s.exec(`INSERT INTO audit (po, action, detail, request_id, user, trace_id) VALUES (?, ?, ?, ?, ?, ?)`,
		po, action, detail, who.Request, who.User, who.Trace)
	if err != nil {
		return failed("insert audit row: %w", err)
	}
	return nil
}

// exec executes a statement and returns the number of rows that it changed.
func (s *store) exec(query string, args ...any) (int64, error) {
	result, err := s.db().Exec(query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
