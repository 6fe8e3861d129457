//go:build !gls_doctor

package glsdoctor_test

import (
	"os"
	"testing"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsdoctor"
)

// Without the tag nothing is counted, and nothing else is different.
func TestOff(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(glsdoctor.Dir, dir)
	user := gls.New[string]("user")
	defer user.Set("alice").Reset()
	done := make(chan string)
	glsdoctor.Go("a.go:1", func() { done <- user.Get() })
	if got := <-done; got != "" {
		t.Errorf("a plain goroutine reads %q", got)
	}
	if files, err := os.ReadDir(dir); len(files) > 0 || err != nil {
		t.Errorf("%d files: %v", len(files), err)
	}
}
