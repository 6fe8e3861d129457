//go:build !go1.24

package gls_test

// nestings are how deep TestNestedSetsAllocate goes.
var nestings = []int{2, 7, 8, 9, 10}
