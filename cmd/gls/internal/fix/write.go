package fix

import (
	"os"
	"path/filepath"
)

// ReplaceFile replaces the text of a file in one step: a reader, even after an
// interruption, finds the old text or the new one. It keeps the mode.
func ReplaceFile(name string, text []byte) error {
	mode := os.FileMode(0o644)
	if info, err := os.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".gls-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // fails after the rename
	if _, err = tmp.Write(text); err == nil {
		err = tmp.Chmod(mode)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	return err
}
