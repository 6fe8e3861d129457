//go:build go1.23

package registry_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/registry"
)

func TestEntriesShowLoans(t *testing.T) {
	defer who.Set("lender").Reset()
	var (
		body int64
		seen registry.Entry
	)
	next, stop := gls.Pull(func(yield func(int) bool) {
		body = goroutine.ID()
		seen, _ = entryOf(body)
		yield(1)
	})
	defer stop()
	_, ok := next()
	require.True(t, ok)
	require.NotEqual(t, goroutine.ID(), body)
	require.Equal(t, registry.BorrowedScope, seen.Kind)
	x, _ := boundIn(who, seen)
	require.Equal(t, "lender", x)
	_, ok = entryOf(body)
	require.False(t, ok, "the loan ends with the yield")
}
