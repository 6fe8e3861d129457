//go:build !race

package main

// slowdown is by how much the race detector may slow the command down.
const slowdown = 1
