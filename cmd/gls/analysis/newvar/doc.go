// Package newvar defines an analyzer that finds variables that are made outside
// of package-level declarations.
//
// # Analyzer newvar
//
// newvar: find calls of gls.New inside functions
//
// The library keeps every variable for the life of the process, and two
// variables with the same name are different. Call gls.New in package-level
// declarations; in a function, each call makes another variable, which is never
// freed. Test files are exempt.
package newvar
