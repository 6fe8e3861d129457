//go:build go1.25

package docs_test

import (
	"sync"
	"testing"
)

func init() {
	visibilityRows = append(visibilityRows, visibilityRow{"`sync.WaitGroup.Go`", false, "1.25", func(_ *testing.T, see func()) {
		var wg sync.WaitGroup
		wg.Go(see)
		wg.Wait()
	}})
}
