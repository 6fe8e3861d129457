//go:build gls_check || gls_check_asm

package goroutine

import "os"

// forced returns v as changed by GLS_CHECK_OUTCOME: "ids" means that the fast
// IDs did not agree, and "liveness" that the layout of g did not. It is for
// tests of what a process does then.
func forced(v result) result {
	switch os.Getenv("GLS_CHECK_OUTCOME") {
	case "ids":
		v.idsAgree = false
	case "liveness":
		v.livenessAgrees = false
	}
	return v
}
