//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"
)

// replaceProcess replaces this process with cmd, so that signals, exit status
// and terminal are its own.
func replaceProcess(cmd *exec.Cmd) error {
	if cmd.Err != nil {
		return cmd.Err
	}
	env := cmd.Env
	if env == nil {
		env = os.Environ()
	}
	return syscall.Exec(cmd.Path, cmd.Args, env)
}
