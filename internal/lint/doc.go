// Package lint checks the house rules that no linter knows, with tests over the
// source tree. A failure names the place and the fix.
package lint
