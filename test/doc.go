// Package test holds the tests of this repository against third parties: what
// they need does not become a dependency of the library.
package test
