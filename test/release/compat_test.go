package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLastBefore(t *testing.T) {
	tags := []string{"v0.1.0", "v0.10.0", "v0.2.0", "v0.2", "v1.0.0", "vague"}
	require.Equal(t, "v0.10.0", lastBefore(tags, "v0.11.0"))
	require.Equal(t, "v0.1.0", lastBefore(tags, "v0.2.0"))
	require.Equal(t, "", lastBefore(tags, "v0.1.0"))
}

func TestMayBreak(t *testing.T) {
	for _, tt := range []struct {
		old, new string
		may      bool
	}{
		{"v0.1.0", "v0.1.1", false},
		{"v0.1.0", "v0.2.0", true},
		{"v0.9.0", "v1.0.0", true},
		{"v1.0.0", "v1.1.0", false},
		{"v1.9.0", "v2.0.0", true},
	} {
		require.Equal(t, tt.may, mayBreak(tt.old, tt.new), "%s to %s", tt.old, tt.new)
	}
}

func TestRemoved(t *testing.T) {
	const path = "example.com/m"
	module := func(source string) string {
		dir := t.TempDir()
		for name, text := range map[string]string{
			"go.mod":               "module " + path + "\n\ngo 1.21\n",
			"m.go":                 "package m\n\n" + source,
			"internal/hidden/h.go": "package hidden\n\n" + source,
		} {
			file := filepath.Join(dir, name)
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
			require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
		}
		return dir
	}
	old := module("func F() {}\n\nfunc G(int) {}\n")

	same, err := removed(path, old, module("func F() {}\n\nfunc G(int) {}\n\nfunc H() {}\n"), nil)
	require.NoError(t, err)
	require.Empty(t, same)

	changed, err := removed(path, old, module("func G(string) {}\n"), nil)
	require.NoError(t, err)
	require.Len(t, changed, 2, "F is gone, G takes another type, and nobody looks at the internal package")
}
