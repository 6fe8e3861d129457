package glsnats_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
)

// TestLargestJobDies has jobs die that fill a message: for each there is a
// letter, with its ID and identity, and it can be run again.
func TestLargestJobDies(t *testing.T) {
	var told heard
	c := open(t, told.option())
	ran := make(chan glsnats.Job, 100)
	text := strings.Repeat("ä", 2000)
	require.NoError(t, c.Handle("work", func(j glsnats.Job) error {
		ran <- j
		return errors.Join(errors.New(text), glsnats.ErrPermanent)
	}))
	id := strings.Repeat("i", 256)
	size := 1 << 20
	user.With("ann", func() {
		for low := size - 5000; low < size; {
			middle := (low + size + 1) / 2
			if err := c.Go("none", make([]byte, middle), glsnats.ID(id)); err == nil {
				low = middle
			} else {
				require.ErrorIs(t, err, nats.ErrMaxPayload)
				size = middle - 1
			}
		}
		require.NoError(t, c.Go("work", make([]byte, size), glsnats.ID(id)))
	})
	require.Len(t, receive(t, ran).Payload, size)
	for n := range 2 {
		eventually(t, func() bool { return c.Stats().Dead == uint64(n+1) }, "it is no dead letter")
		l := lastLetter(t, c, "work")
		require.Equal(t, "user=ann", l.Header.Get("baggage"))
		require.Equal(t, id, l.Header.Get("Gls-Id"))
		require.NotEmpty(t, l.Header.Get("Gls-Error"))
		require.True(t, strings.HasPrefix(text, l.Header.Get("Gls-Error")))
		all := letters(t, c, "work")
		require.Len(t, all, 1)
		require.NoError(t, c.Redrive(t.Context(), all[0].Seq))
		require.Equal(t, id, receive(t, ran).ID)
	}
	require.Zero(t, told.count(nats.ErrMaxPayload))
}

// TestStrangersID has jobs published by other means, with IDs that would not be
// accepted: they run, and die, under one that is safe to print.
func TestStrangersID(t *testing.T) {
	c := open(t)
	ran := make(chan string, 10)
	require.NoError(t, c.Handle("work", func(j glsnats.Job) error {
		ran <- j.ID
		return glsnats.ErrPermanent
	}))
	for i, row := range []struct{ wire, own, id string }{
		{"work/\x1b[31m", "", "gls-1"},
		{"work/", "", "work/"},
		{strings.Repeat("w", 257), "", "gls-3"},
		{"other/17", "", "other/17"},
		{"", "a b", "gls-5"},
		{"work/\xff", "17", "17"},
	} {
		m := nats.NewMsg("gls.job.work")
		for key, value := range map[string]string{nats.MsgIdHdr: row.wire, "Gls-Id": row.own} {
			if value != "" {
				m.Header.Set(key, value)
			}
		}
		_, err := c.Request(t.Context(), m, patience)
		require.NoError(t, err)
		require.Equal(t, row.id, receive(t, ran), "%q", row)
		eventually(t, func() bool { return c.Stats().Dead == uint64(i+1) }, "it is no dead letter")
		all := letters(t, c, "work")
		require.Equal(t, row.id, all[i].ID)
	}
}
