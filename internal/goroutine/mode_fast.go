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
// meaningful only while Slow is false, as it never is on ports that goid does
// not read g on: there it parses a trace, unchecked, and allocates.
func FastID() int64 { return goid.Get() }

func useSlow() { Slow = true }
