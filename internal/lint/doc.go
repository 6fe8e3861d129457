// Package lint holds the house rules that no linter knows, as tests over the
// source tree. A failure names the rule's file, the place and the fix.
package lint
