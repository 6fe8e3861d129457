//go:build !race

package glszerolog_test

import (
	"io"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glszerolog"
	"github.com/seed18162548/contextvars/gls/glslog"
)

// With the race detector, sync.Pool drops objects at random, zerolog's too.

func TestAllocatesNothing(t *testing.T) {
	logger := zerolog.New(io.Discard).Hook(glszerolog.NewHook(glszerolog.Attr(tenant), glszerolog.Attr(count)))
	event := func() { logger.Info().Msg("hi") }
	require.Zero(t, testing.AllocsPerRun(100, event))
	defer tenant.Set("acme").Reset()
	defer glslog.Set("order_id", "o-1").Reset()
	require.Zero(t, testing.AllocsPerRun(100, event))
}
