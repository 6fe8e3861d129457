package main

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// The ID of the job is the key, so a job that is run twice leaves one row.
const schema = `CREATE TABLE IF NOT EXISTS thumbnails (
	job TEXT PRIMARY KEY, album TEXT NOT NULL, picture TEXT NOT NULL,
	request_id TEXT NOT NULL, user TEXT NOT NULL, trace_id TEXT NOT NULL)`

// A store keeps thumbnails in a SQLite database. It may be used from any
// goroutine.
type store struct{ pool *sql.DB }

// openStore opens or creates the database.
func openStore(file string) (*store, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	path = "/" + strings.TrimPrefix(filepath.ToSlash(path), "/")
	name := url.URL{Scheme: "file", Path: path, RawQuery: "_busy_timeout=20000&_txlock=immediate&_journal_mode=WAL"}
	pool, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1) // SQLite has one writer
	if _, err := pool.Exec(schema); err != nil {
		pool.Close()
		return nil, fmt.Errorf("database %q: %w", file, err)
	}
	return &store{pool}, nil
}

func (s *store) close() error { return s.pool.Close() }

// insert stores the thumbnail of p, unless the job has already done so.
func (s *store) insert(p picture, job string, by identity) error {
	_, err := s.pool.Exec(`INSERT INTO thumbnails (job, album, picture, request_id, user, trace_id)
		VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, job, p.Album, p.Name, by.Request, by.User, by.Trace)
	return err
}

// marks returns the marks in the rows.
func (s *store) marks() (marks []mark, err error) {
	rows, err := s.pool.Query(`SELECT album, request_id, user, trace_id FROM thumbnails`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		m := mark{kind: inRow}
		if err := rows.Scan(&m.album, &m.who.Request, &m.who.User, &m.who.Trace); err != nil {
			return nil, err
		}
		marks = append(marks, m)
	}
	return marks, rows.Err()
}
