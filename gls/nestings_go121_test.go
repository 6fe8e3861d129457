//go:build !go1.24

package gls_test

// nestings has the depths of TestNestedSetsAllocate.
var nestings = []int{2, 7, 8, 9, 10}
