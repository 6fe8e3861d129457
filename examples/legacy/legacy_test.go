package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestOrder is the service's own test, which it had before.
func TestOrder(t *testing.T) {
	billing := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer billing.Close()
	db, err := openDB()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := &service{db: db, billing: billing.URL, client: &http.Client{}}
	server := httptest.NewServer(s.handler())
	defer server.Close()

	resp, err := http.Post(server.URL+"/order?item=bolt", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status)
	}
	audited(t, s, "placed bolt")
}

// audited waits for a line of the audit trail.
func audited(t *testing.T, s *service, want string) {
	t.Helper()
	var line string
	for !strings.Contains(line, want) {
		if err := s.db.QueryRow(`SELECT coalesce(max(line), '') AS line FROM audit`).Scan(&line); err != nil {
			t.Fatal(err)
		}
	}
}
