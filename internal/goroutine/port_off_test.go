//go:build !gc || !(386 || amd64 || arm || arm64 || s390x)

package goroutine_test

const portReadsG = false
