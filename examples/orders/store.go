package main

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glssql"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// inMemory is the name of a database that disappears with the program.
const inMemory = ":memory:"

// A store keeps all data in one SQLite database. Its methods may be called from
// any goroutine.
type store struct {
	pool *sql.DB
}

// openStore opens or creates the database. Statements that take slow or longer
// are logged.
func openStore(file string, slow time.Duration) (*store, error) {
	pool, err := openPool(file, slow)
	if err != nil {
		return nil, fmt.Errorf("database %q: %w", file, err)
	}
	s := &store{pool: pool}
	if err := s.prepare(); err != nil {
		pool.Close()
		return nil, fmt.Errorf("database %q: %w", file, err)
	}
	return s, nil
}

// openPool returns a pool of connections to file.
//
// In memory the pool is one connection that is never closed, because every
// connection to ":memory:" has its own database, which is empty and disappears
// with it. The shared cache, which is often recommended instead, has table
// locks that no busy timeout waits for.
//
// In a file, write-ahead logging lets readers go on while one connection
// writes. Other writers wait for it instead of failing, and every transaction
// takes the write lock when it begins, because one that took it later could not
// wait.
func openPool(file string, slow time.Duration) (*sql.DB, error) {
	const always = "_busy_timeout=20000&_foreign_keys=on&_txlock=immediate&_error_rc=1"
	if file == inMemory {
		pool, err := open("file::memory:?"+always, slow)
		if err == nil {
			pool.SetMaxOpenConns(1)
		}
		return pool, err
	}

	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	path = "/" + strings.TrimPrefix(filepath.ToSlash(path), "/")
	// The URL escapes what SQLite would take for parameters.
	name := url.URL{Scheme: "file", Path: path, RawQuery: always + "&_journal_mode=WAL&_synchronous=NORMAL"}
	pool, err := open(name.String(), slow)
	if err == nil {
		pool.SetMaxOpenConns(4)
		pool.SetMaxIdleConns(4)
	}
	return pool, err
}

// open returns a pool whose statements end with their request, have a comment
// that names it, and are logged if they are slow.
//
// Comments that name requests are fine for SQLite, which does not cache plans
// by text. For a database that does, use only route.
func open(name string, slow time.Duration) (*sql.DB, error) {
	return glssql.Open("sqlite", name,
		glssql.Comment(route), glssql.Comment(requestID), glssql.Comment(traceID), glssql.Slow(slow, nil))
}

func (s *store) close() error { return s.pool.Close() }

// A querier is the pool or a transaction.
type querier interface {
	Exec(query string, args ...any) (sql.Result, error)
	QueryRow(query string, args ...any) *sql.Row
}

// openTx is the transaction that the goroutine works in. A transaction is for
// one goroutine: those that it starts meanwhile are not in it.
var openTx = gls.New("tx", gls.NoInherit[*sql.Tx]())

// transaction calls f in a transaction, to which all that f does with the store
// belongs. It is committed if f returns nil and otherwise rolled back, even if
// f panics.
func (s *store) transaction(f func() error) error {
	tx, err := s.pool.Begin()
	if err != nil {
		return failed("begin: %w", err)
	}
	defer tx.Rollback() // has no effect after Commit
	openTx.With(tx, func() { err = f() })
	if err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return failed("commit: %w", err)
	}
	return nil
}

// db returns what a statement is to be executed on: the transaction that is
// open in this goroutine, or the pool.
func (s *store) db() querier {
	if tx, ok := openTx.Lookup(); ok {
		return tx
	}
	return s.pool
}
