package glsnats_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

func TestParseTrace(t *testing.T) {
	const id, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	for _, test := range []struct {
		text string
		ok   bool
	}{
		{"00-" + id + "-" + span + "-01", true},
		{"00-" + id + "-" + span + "-ff", true},
		{"cc-" + id + "-" + span + "-01", true},
		{"cc-" + id + "-" + span + "-01-what-may-come", true},
		{"cc-" + id + "-" + span + "-01.", false},
		{"00-" + id + "-" + span + "-01-more", false},
		{"ff-" + id + "-" + span + "-01", false},
		{"00-" + strings.Repeat("0", 32) + "-" + span + "-01", false},
		{"00-" + id + "-" + strings.Repeat("0", 16) + "-01", false},
		{"00-" + strings.ToUpper(id) + "-" + span + "-01", false},
		{"00-" + id + "-" + span + "-0", false},
		{"00-" + id + "-" + span + "-0g", false},
		{"00_" + id + "-" + span + "-01", false},
		{"", false},
		{strings.Repeat("-", 55), false},
	} {
		got, err := glsnats.ParseTrace(test.text)
		if !test.ok {
			require.ErrorIs(t, err, glsexport.ErrValue, test.text)
			require.Zero(t, got, test.text)
			continue
		}
		require.NoError(t, err, test.text)
		require.Equal(t, id, got.TraceID())
		require.Equal(t, "00"+test.text[2:55], got.String())
	}
}

func TestNewTrace(t *testing.T) {
	a, b := glsnats.NewTrace(), glsnats.NewTrace()
	require.True(t, a.Valid())
	require.NotEqual(t, a.ID, b.ID)
	require.Equal(t, a.ID, a.Child().ID)
	require.NotEqual(t, a.Span, a.Child().Span)
	again, err := glsnats.ParseTrace(a.String())
	require.NoError(t, err)
	require.Equal(t, a, again)
	require.False(t, glsnats.Trace{}.Valid())
}

func FuzzParseTrace(f *testing.F) {
	f.Add(glsnats.NewTrace().String())
	f.Add("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := glsnats.ParseTrace(s)
		if err != nil {
			require.Zero(t, got)
			return
		}
		require.True(t, got.Valid())
		again, err := glsnats.ParseTrace(got.String())
		require.NoError(t, err)
		require.Equal(t, got, again)
		require.Equal(t, s[2:55], got.String()[2:])
	})
}
