//go:build go1.24

package docs_test

import (
	"runtime"
	"testing"
)

func init() {
	visibilityRows = append(visibilityRows, visibilityRow{"`runtime.AddCleanup`", false, "1.24", func(_ *testing.T, see func()) {
		done := make(chan struct{})
		runtime.AddCleanup(&struct{ p *int }{new(int)}, func(int) { defer close(done); see() }, 0)
		collectUntil(done)
	}})
}
