//go:build !unix

package main

import "os/exec"

// replaceProcess runs cmd until it ends, because this system cannot replace the
// process.
func replaceProcess(cmd *exec.Cmd) error { return wait(cmd) }
