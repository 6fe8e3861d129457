//go:build go1.27

package glspprof_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTracebacksNameLabels needs the setting because it is the default only in
// modules that say go 1.27.
func TestTracebacksNameLabels(t *testing.T) {
	t.Setenv("GODEBUG", "tracebacklabels=1")
	defer tenant.Set("acme").Reset()
	var buf [4096]byte
	mirror.Do(func() {
		require.Regexp(t, `^goroutine \d+ \[running\].*tenant.*acme`, string(buf[:runtime.Stack(buf[:], false)]))
	})
	require.NotContains(t, string(buf[:runtime.Stack(buf[:], false)]), "acme")
}
