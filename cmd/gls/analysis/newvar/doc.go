// Package newvar defines an analyzer that finds variables which are made
// outside package-level declarations.
//
// # Analyzer newvar
//
// newvar: find calls of gls.New inside functions
//
// The library remembers every variable for the life of the process, and two
// variables of one name are different. So gls.New belongs into a package-level
// declaration; in a function, each call makes another variable and none is ever
// freed. Test files are exempt.
package newvar
