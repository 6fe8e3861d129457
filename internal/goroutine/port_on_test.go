//go:build gc && (386 || amd64 || arm || arm64 || s390x)

package goroutine_test

// portReadsG reports that a program built for this port without tags reads g.
const portReadsG = true
