//go:build !gls_safe

package goroutine

import (
	"os"

	"github.com/petermattis/goid"
)

// Slow reports that IDs come from stack traces. It is written only by package
// init, so every Get can read it with a plain load.
var Slow = os.Getenv("GLS_SAFE") == "1"

// FastID returns the goid field of the calling goroutine's g. The result is
// meaningful only if Slow is false, which it never is on ports on which goid
// does not read g but parses a trace, unchecked and with an allocation.
func FastID() int64 { return goid.Get() }

func useSlow() { Slow = true }
