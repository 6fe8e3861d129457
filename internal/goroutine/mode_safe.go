//go:build gls_safe

package goroutine

// Slow is always true under the build tag gls_safe: only public API of the
// runtime is used, and neither goid nor assembly is linked in.
const Slow = true

// FastID is SlowID under the build tag gls_safe.
func FastID() int64 { return SlowID() }

func useSlow() {}
