//go:build gls_check || gls_check_asm

package goroutine

import "os"

// forced returns v, or what GLS_CHECK_OUTCOME asks for: "ids", as if the fast
// IDs did not agree, or "liveness", as if the layout of g did not. It is for
// tests of the paths that a process takes then.
func forced(v result) result {
	switch os.Getenv("GLS_CHECK_OUTCOME") {
	case "ids":
		v.idsAgree = false
	case "liveness":
		v.livenessAgrees = false
	}
	return v
}
