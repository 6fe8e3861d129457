package glslog_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/seed18162548/contextvars/gls/glslog"
)

// TestLikeWithAtTheRoot derives loggers at random: records must be those of a
// logger that was given the variables with With, before anything else.
func TestLikeWithAtTheRoot(t *testing.T) {
	defer requestID.Set("req-7").Reset()
	defer userID.Set(7).Reset()
	rapid.Check(t, func(t *rapid.T) {
		var got, want bytes.Buffer
		ours := slog.New(glslog.NewHandler(plainJSON(&got), glslog.Attr(requestID), glslog.Attr(userID)))
		theirs := slog.New(plainJSON(&want)).With("request_id", "req-7", "user_id", 7)

		steps := rapid.SliceOfN(rapid.SampledFrom([]string{"with", "group", "log"}), 1, 12).Draw(t, "steps")
		for i, step := range append(steps, "log") {
			key := fmt.Sprint("k", i)
			switch step {
			case "with":
				ours, theirs = ours.With(key, i), theirs.With(key, i)
			case "group":
				ours, theirs = ours.WithGroup(key), theirs.WithGroup(key)
			case "log":
				n := rapid.IntRange(0, 7).Draw(t, "attributes")
				var args []any
				for ; n > 0; n-- {
					args = append(args, slog.Group(fmt.Sprint("n", n), "x", n))
				}
				ours.Info("m", args...)
				theirs.Info("m", args...)
			}
		}
		require.Equal(t, records(t, want.Bytes()), records(t, got.Bytes()))
	})
}
