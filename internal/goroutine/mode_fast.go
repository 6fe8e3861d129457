//go:build !gls_safe

package goroutine

import (
	"os"

	"github.com/petermattis/goid"
)

// Slow reports that IDs come from stack traces. It is written by package init
// only, so that the read in every Get is a plain load.
var Slow = os.Getenv("GLS_SAFE") == "1"

// FastID returns the goid field of the calling goroutine's g. The result is
// meaningful only while Slow is false. On ports that goid does not read g on,
// it is as slow, and as right, as SlowID.
func FastID() int64 { return goid.Get() }

func useSlow() { Slow = true }
