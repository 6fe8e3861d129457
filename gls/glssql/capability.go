//nolint:staticcheck // drivers still have the deprecated interfaces
package glssql

import "database/sql/driver"

// Capabilities of a connection that its wrapper has only if the connection
// does, as bits of a set.
const (
	executes = 1 << iota
	queries
	resets
	validates
)

// withCapabilities returns c as a type that has ExecContext, QueryContext,
// ResetSession and IsValid only if the underlying connection has them. The
// table has a type for every combination, because a type cannot gain or lose a
// method at run time.
func withCapabilities(c *conn) driver.Conn {
	e, q, r, v := execer{c}, queryer{c}, resetter{c}, validator{c}
	switch capabilitiesOf(c.underlying) {
	case executes:
		return struct {
			*conn
			execer
		}{c, e}
	case queries:
		return struct {
			*conn
			queryer
		}{c, q}
	case executes | queries:
		return struct {
			*conn
			execer
			queryer
		}{c, e, q}
	case resets:
		return struct {
			*conn
			resetter
		}{c, r}
	case executes | resets:
		return struct {
			*conn
			execer
			resetter
		}{c, e, r}
	case queries | resets:
		return struct {
			*conn
			queryer
			resetter
		}{c, q, r}
	case executes | queries | resets:
		return struct {
			*conn
			execer
			queryer
			resetter
		}{c, e, q, r}
	case validates:
		return struct {
			*conn
			validator
		}{c, v}
	case executes | validates:
		return struct {
			*conn
			execer
			validator
		}{c, e, v}
	case queries | validates:
		return struct {
			*conn
			queryer
			validator
		}{c, q, v}
	case executes | queries | validates:
		return struct {
			*conn
			execer
			queryer
			validator
		}{c, e, q, v}
	case resets | validates:
		return struct {
			*conn
			resetter
			validator
		}{c, r, v}
	case executes | resets | validates:
		return struct {
			*conn
			execer
			resetter
			validator
		}{c, e, r, v}
	case queries | resets | validates:
		return struct {
			*conn
			queryer
			resetter
			validator
		}{c, q, r, v}
	case executes | queries | resets | validates:
		return struct {
			*conn
			execer
			queryer
			resetter
			validator
		}{c, e, q, r, v}
	}
	return c
}

// capabilitiesOf returns the capabilities of underlying.
func capabilitiesOf(underlying driver.Conn) (set int) {
	switch underlying.(type) {
	case driver.ExecerContext, driver.Execer:
		set |= executes
	}
	switch underlying.(type) {
	case driver.QueryerContext, driver.Queryer:
		set |= queries
	}
	if _, ok := underlying.(driver.SessionResetter); ok {
		set |= resets
	}
	if _, ok := underlying.(driver.Validator); ok {
		set |= validates
	}
	return set
}
