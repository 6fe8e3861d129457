// Legacy is a service before it adopts this library. It has handlers, a store,
// an audit trail in the background, a fan-out and a client of another service,
// and none of its functions takes a context.Context. docs/adopt.md changes it
// step by step; the test beside this file runs the steps of that page.
//
//	go -C examples run ./legacy -addr 127.0.0.1:8080
package main

import (
	"database/sql"
	"flag"
	"log/slog"
	"net/http"
	"os"

	_ "modernc.org/sqlite"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "serve on `HOST:PORT`")
	billing := flag.String("billing", "http://127.0.0.1:8081", "the `URL` of the billing service")
	flag.Parse()

	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	db, err := openDB()
	if err != nil {
		slog.Error("no database", "error", err)
		os.Exit(1)
	}
	s := &service{db: db, billing: *billing, client: &http.Client{}}
	slog.Info("serving", "addr", *addr)
	if err := http.ListenAndServe(*addr, s.handler()); err != nil {
		slog.Error("server", "error", err)
		os.Exit(1)
	}
}

// openDB opens the database and makes its tables.
func openDB() (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file::memory:?cache=shared")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	_, err = db.Exec(`CREATE TABLE orders (item TEXT); CREATE TABLE audit (line TEXT)`)
	return db, err
}
