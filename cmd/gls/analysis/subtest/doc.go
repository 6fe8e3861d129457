// Package subtest defines an analyzer that finds subtests that rely on bindings
// of their parent test.
//
// # Analyzer subtest
//
// subtest: find subtests that rely on bindings of their parent
//
// t.Run calls its function on another goroutine, which has no bindings. The
// analyzer reports calls of testing.T.Run in a function that binds a variable,
// if the subtest, or a function of the package that it calls, reads that
// variable and the subtest does not bind it itself. The fix is glstest.Run.
package subtest
