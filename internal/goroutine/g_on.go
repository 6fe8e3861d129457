//go:build gc && !gls_safe && (386 || amd64 || arm || arm64 || s390x)

package goroutine

import "unsafe"

// readsG reports that this port reads the fields of g. The list of ports is
// goid's: elsewhere goid parses stack traces, and so do we.
const readsG = true

// getg returns the calling goroutine's g. It is defined in g_*.s.
func getg() unsafe.Pointer
