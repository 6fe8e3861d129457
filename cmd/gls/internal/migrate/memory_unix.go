//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peak returns the most memory that a process, or one that it waited for, held.
func peak(s *os.ProcessState) int64 {
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	maxrss := int64(usage.Maxrss) //nolint:unconvert // it is an int32 on 32-bit ports
	if runtime.GOOS == "darwin" {
		return maxrss // bytes there
	}
	return maxrss << 10
}
