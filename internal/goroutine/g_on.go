//go:build gc && !gls_safe && (386 || amd64 || arm || arm64 || s390x)

package goroutine

import "unsafe"

// readsG reports that the fields of g are read on this port. The list of ports
// is goid's: on others goid parses stack traces, and so does this package.
const readsG = true

// getg returns the calling goroutine's g. It is defined in g_*.s.
func getg() unsafe.Pointer
