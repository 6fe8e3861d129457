package paint_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/examples/internal/paint"
)

func TestFor(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // a character device, as terminals are
	require.NoError(t, err)
	defer device.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	require.NoError(t, err)
	defer file.Close()
	read, write, err := os.Pipe()
	require.NoError(t, err)
	defer read.Close()
	defer write.Close()

	require.True(t, bool(paint.For(device)))
	require.False(t, bool(paint.For(file)))
	require.False(t, bool(paint.For(write)))
	require.False(t, bool(paint.For(new(bytes.Buffer))))

	t.Setenv("TERM", "dumb")
	require.False(t, bool(paint.For(device)))
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	require.False(t, bool(paint.For(device)))
}

func TestColours(t *testing.T) {
	on, off := paint.Painter(true), paint.Painter(false)
	seen := make(map[string]bool)
	for _, colour := range []func(paint.Painter, string) string{
		paint.Painter.Good, paint.Painter.Bad, paint.Painter.Warn, paint.Painter.Heading,
	} {
		require.Equal(t, "x", colour(off, "x"))
		text := colour(on, "x")
		require.Regexp(t, "^\x1b\\[[0-9;]+mx\x1b\\[0m$", text)
		require.False(t, seen[text], "two colours are the same")
		seen[text] = true
	}
}
