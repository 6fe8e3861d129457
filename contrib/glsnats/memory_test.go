package glsnats

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats/embedded"
)

// TestJudge has a delivery begin after what is known of those before.
func TestJudge(t *testing.T) {
	crashed := errCrashed.Error()
	for _, row := range []struct {
		name   string
		known  memory
		number int
		lives  bool
		want   memory
	}{
		{"nothing is known", memory{}, 2, false, memory{Suspect: 16}},
		{"nothing is known, for long", memory{}, 9, false, memory{Suspect: 16}},
		{"it failed", memory{Delivery: 1, Failures: 1}, 2, false, memory{Delivery: 1, Failures: 1}},
		{"it failed, and nothing is known since", memory{Delivery: 1, Failures: 1}, 3, false, memory{Delivery: 1, Failures: 1, Suspect: 16}},
		{"it was put back unrun", memory{Delivery: 4}, 5, false, memory{Delivery: 4}},
		{"it died among 16", memory{Delivery: 2, Company: 16}, 3, false, memory{Delivery: 2, Suspect: 4}},
		{"it died among 4", memory{Delivery: 3, Company: 4}, 4, false, memory{Delivery: 3, Suspect: 1}},
		{"it died among 3", memory{Delivery: 3, Company: 3}, 4, false, memory{Delivery: 3, Suspect: 1}},
		{"it died alone", memory{Delivery: 4, Company: 1}, 5, false, memory{Delivery: 4, Failures: 1, Error: crashed, Suspect: 1}},
		{"it died alone again", memory{Delivery: 5, Failures: 1, Company: 1}, 6, false,
			memory{Delivery: 5, Failures: 2, Error: crashed, Suspect: 1}},
		{"it was alone in a worker that was cut off", memory{Delivery: 4, Company: 1, Worker: "w"}, 5, true, memory{Delivery: 4, Suspect: 1}},
		{"a suspect waited in a worker that died", memory{Delivery: 4, Suspect: 4}, 7, false, memory{Delivery: 4, Suspect: 4}},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := row.known
			m.judge(row.number, row.lives)
			require.Equal(t, row.want, m)
		})
	}
}

// TestLives asks a process whether it lives.
func TestLives(t *testing.T) {
	s, err := embedded.Start()
	require.NoError(t, err)
	defer s.Stop()
	a, err := Connect(s.URL())
	require.NoError(t, err)
	defer a.Close()
	b, err := Connect(s.URL())
	require.NoError(t, err)
	require.True(t, a.results.lives(t.Context(), b.results.inbox))
	require.True(t, b.results.lives(t.Context(), b.results.inbox))
	b.Close()
	require.False(t, a.results.lives(t.Context(), b.results.inbox))
	require.Empty(t, a.results.waiting)
}
