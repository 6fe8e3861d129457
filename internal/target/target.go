// Package target tells tests that build programs which port to build them for
// and how to start them.
//
// Usually the port is that of the test. Package ports runs the tests of a port
// on which the go command does not run, such as js/wasm, in two parts: tests
// that do not need the go command are built for the port; the others run on the
// host and build their programs for the port, according to the environment:
//
//	GLS_GOOS, GLS_GOARCH  the port
//	GLS_EXEC              the command that starts a program of the port
package target

import (
	"os"
	"runtime"
)

// Env returns the environment for a go command that builds for the target.
func Env() []string {
	env := os.Environ()
	if goos := os.Getenv("GLS_GOOS"); goos != "" {
		env = append(env, "GOOS="+goos, "GOARCH="+os.Getenv("GLS_GOARCH"), "CGO_ENABLED=0")
	}
	return env
}

// Emulator returns the command that starts a program of the target, or "" if
// the program can be started directly.
func Emulator() string { return os.Getenv("GLS_EXEC") }

// ReadsG reports whether a program built for the target reads the goroutine ID
// from the g: by the gc compiler, for a processor that goid knows.
func ReadsG() bool {
	switch arch() {
	case "386", "amd64", "arm", "arm64", "s390x":
		return runtime.Compiler == "gc"
	}
	return false
}

// OneThread reports whether a program built for the target has only one thread.
// The runtime ends such a program if GOMAXPROCS is larger.
func OneThread() bool { return arch() == "wasm" }

// Is32Bit reports whether the words of the target have 32 bits.
func Is32Bit() bool { return arch() == "386" || arch() == "arm" }

func arch() string {
	if arch := os.Getenv("GLS_GOARCH"); arch != "" {
		return arch
	}
	return runtime.GOARCH
}
