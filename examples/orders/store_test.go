package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/spawn"
)

func newStore(t *testing.T, file string) *store {
	t.Helper()
	s, err := openStore(file, time.Minute)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.close()) })
	return s
}

// TestStoreIsOne checks, with more goroutines than connections, that all of
// them see one database, in memory too, and that none is told that it is
// locked.
func TestStoreIsOne(t *testing.T) {
	for _, test := range []struct{ name, file, journal string }{
		{"in memory", inMemory, "memory"},
		{"file", filepath.Join(t.TempDir(), "a b?mode=ro#%41.db"), "wal"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newStore(t, test.file)
			var journal string
			require.NoError(t, s.db().QueryRow(`PRAGMA journal_mode`).Scan(&journal))
			require.Equal(t, test.journal, journal)

			const workers, each = 16, 10
			var wg sync.WaitGroup
			for worker := range workers {
				wg.Go(func() {
					for i := range each {
						po := fmt.Sprint(worker, "-", i)
						err := s.transaction(func() error {
							// A read first: a lock that came later would be refused.
							if _, err := s.price("west", "bolt"); err != nil {
								return err
							}
							if err := s.insertOrder(order{PO: po}); err != nil {
								return err
							}
							return s.takeStock("bolt", 1)
						})
						if err == nil {
							_, err = s.order(po)
						}
						if err != nil {
							t.Errorf("worker %d: %v", worker, err)
						}
					}
				})
			}
			wg.Wait()
			var left int
			require.NoError(t, s.db().QueryRow(`SELECT pieces FROM stock WHERE item = 'bolt'`).Scan(&left))
			require.Equal(t, 1000000-workers*each, left)
		})
	}
}

func TestTransaction(t *testing.T) {
	s := newStore(t, inMemory)
	boom := errors.New("boom")
	exists := func(po string) bool {
		_, err := s.order(po)
		if err != nil {
			require.ErrorIs(t, err, errNoOrder)
		}
		return err == nil
	}

	require.NoError(t, s.transaction(func() error { return s.insertOrder(order{PO: "kept"}) }))
	require.True(t, exists("kept"))

	require.ErrorIs(t, s.transaction(func() error {
		require.NoError(t, s.insertOrder(order{PO: "undone"}))
		require.True(t, exists("undone"), "its own statements are in it")
		return boom
	}), boom)
	require.False(t, exists("undone"))

	require.PanicsWithValue(t, boom, func() {
		_ = s.transaction(func() error {
			require.NoError(t, s.insertOrder(order{PO: "panicked"}))
			panic(boom)
		})
	})
	require.False(t, exists("panicked"))

	require.NoError(t, s.transaction(func() error {
		_, err := spawn.Start(func() (int, error) {
			if _, ok := openTx.Lookup(); ok {
				return 0, errors.New("a transaction was inherited")
			}
			return 0, nil
		}).Wait()
		return err
	}))
	require.Equal(t, 0, gls.CopyContext().Len())
}

// TestAudit has jobs of many identities done by the one goroutine, which keeps
// none of them.
func TestAudit(t *testing.T) {
	s := newStore(t, inMemory)
	var a *audit
	gls.With(func() { a = startAudit(s) }, requestID.Bind("whoever started it"))

	const workers = 50
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() {
			requestID.With(fmt.Sprint("r", i), func() { a.record(fmt.Sprint("PO-", i), "asked", "west") })
			a.record(fmt.Sprint("PO-", i), "placed", "bolt")
		})
	}
	wg.Wait()
	a.stop()

	marks, err := s.rowMarks("PO-")
	require.NoError(t, err)
	require.Len(t, marks, 2*workers)
	for _, m := range marks {
		want := identity{}
		if m.kind == inAuditOfLookup {
			want.Request = "r" + m.po[len("PO-"):]
		}
		require.Equal(t, want, m.who, m.po)
	}
}

// TestAuditOutlivesRequests has a job done whose request has ended already.
func TestAuditOutlivesRequests(t *testing.T) {
	s := newStore(t, inMemory)
	a := startAudit(s)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	glsctx.With(ended, func() { a.record("PO-1", "placed", "bolt") })
	a.stop()
	marks, err := s.rowMarks("PO-1")
	require.NoError(t, err)
	require.Len(t, marks, 1)
}

// TestStatementsEndWithTheirRequest runs a statement that would never end.
func TestStatementsEndWithTheirRequest(t *testing.T) {
	s := newStore(t, inMemory)
	served := false
	handler := within(20*time.Millisecond, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		served = true
		var n int
		err := s.db().QueryRow(`WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c) SELECT count(*) AS n FROM c`).Scan(&n)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, s.takeStock("bolt", 1), context.DeadlineExceeded)
		require.ErrorIs(t, s.transaction(func() error { return nil }), context.DeadlineExceeded)
	}))
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	require.True(t, served)
	require.NoError(t, s.takeStock("bolt", 1), "the connection is as before")
}

// TestStatementsNameTheirRequest reads the comment of a statement where SQLite
// keeps it: in its catalogue.
func TestStatementsNameTheirRequest(t *testing.T) {
	s := newStore(t, inMemory)
	gls.With(func() {
		_, err := s.exec(`CREATE VIEW one AS SELECT 1 AS n`)
		require.NoError(t, err)
	}, route.Bind("GET /x/{y}"), requestID.Bind("r-1"), user.Bind("ann"), traceID.Bind("t-1"))
	var text string
	require.NoError(t, s.db().QueryRow(`SELECT sql FROM sqlite_schema WHERE name = 'one'`).Scan(&text))
	require.Equal(t, `CREATE VIEW one AS SELECT 1 AS n /*request_id='r-1',route='GET%20%2Fx%2F%7By%7D',trace_id='t-1'*/`, text)
}
