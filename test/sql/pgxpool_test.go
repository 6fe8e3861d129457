//go:build gls_servers

package sql_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/spawn"
)

// strays counts the statements that a tracer saw without a tenant.
type strays struct{ n atomic.Int64 }

func (s *strays) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	if tenant.Get() == "" {
		s.n.Add(1)
	}
	return ctx
}

func (s *strays) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TestPgxPool: PrepareConn and tracers are on the goroutine that asks for a
// connection, so the server can be told each time for whom it works, as
// row-level security needs it. AfterConnect is not: a connection is for many.
func TestPgxPool(t *testing.T) {
	dsn, _ := startPostgres(t)
	config, err := pgxpool.ParseConfig(dsn)
	require.NoError(t, err)
	config.MaxConns = 3
	var connected, seen atomic.Int64
	config.AfterConnect = func(context.Context, *pgx.Conn) error {
		connected.Add(1)
		if _, ok := tenant.Lookup(); ok {
			seen.Add(1)
		}
		return nil
	}
	config.PrepareConn = func(ctx context.Context, c *pgx.Conn) (bool, error) {
		_, err := c.Exec(ctx, `SELECT set_config('app.tenant', $1, false)`, tenant.Get())
		return err == nil, err
	}
	traced := new(strays)
	config.ConnConfig.Tracer = traced
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	defer pool.Close()

	var wg spawn.WaitGroup
	for i := range 8 {
		name := fmt.Sprint("tenant-", i)
		defer tenant.Set(name).Reset()
		wg.Go(func() {
			for range 25 {
				var got string
				err := pool.QueryRow(context.Background(), `SELECT current_setting('app.tenant')`).Scan(&got)
				if err != nil || got != name {
					t.Errorf("%q, %v; want %q", got, err, name)
				}
			}
		})
	}
	wg.Wait()
	require.NotZero(t, connected.Load())
	require.Zero(t, seen.Load(), "connections are made on goroutines of the pool")
	require.Zero(t, traced.n.Load())
}
