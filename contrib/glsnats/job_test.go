package glsnats_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
)

// TestJob checks what a function is told.
func TestJob(t *testing.T) {
	c := open(t)
	ch := make(chan glsnats.Job, 2)
	require.NoError(t, c.Handle("work", func(j glsnats.Job) error { ch <- j; return nil }))
	before := time.Now()
	require.NoError(t, c.Go("work", []byte("p"), glsnats.ID("a")))
	j := receive(t, ch)
	require.Equal(t, []any{"work", "a", "p", 1}, []any{j.Name, j.ID, string(j.Payload), j.Try})
	require.WithinRange(t, j.Stored, before.Add(-time.Second), time.Now().Add(time.Second))

	require.NoError(t, c.Conn().Publish("gls.job.work", []byte("by other means")))
	require.Equal(t, "gls-2", receive(t, ch).ID)
}
