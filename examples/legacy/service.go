package main

import (
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
)

// A service places orders.
type service struct {
	db      *sql.DB
	billing string
	client  *http.Client
}

// place reserves the item and charges for it at the same time, and stores the
// order.
func (s *service) place(item string) error {
	var wg sync.WaitGroup
	var reserved, charged error
	wg.Add(2)
	go func() {
		defer wg.Done()
		reserved = s.reserve(item)
	}()
	go func() {
		defer wg.Done()
		charged = s.charge(item)
	}()
	wg.Wait()
	if reserved != nil {
		return reserved
	}
	if charged != nil {
		return charged
	}
	slog.Info("placed", "item", item)
	go s.audit("placed " + item)
	return nil
}

func (s *service) reserve(item string) error {
	slog.Info("reserving", "item", item)
	_, err := s.db.Exec(`INSERT INTO orders (item) VALUES (?)`, item)
	return err
}

// charge asks the billing service.
func (s *service) charge(item string) error {
	resp, err := s.client.PostForm(s.billing+"/charge", url.Values{"item": {item}})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("billing: %s", resp.Status)
	}
	slog.Info("charged", "item", item)
	return nil
}

// audit records what was done.
func (s *service) audit(line string) {
	if _, err := s.db.Exec(`INSERT INTO audit (line) VALUES (?)`, line); err != nil {
		slog.Error("not audited", "error", err)
		return
	}
	slog.Info("audited", "line", line)
}
