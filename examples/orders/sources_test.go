package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNoFunctionTakesAContext checks the claim of the package comment.
func TestNoFunctionTakesAContext(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var functions int
	var takers []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			f, ok := n.(*ast.FuncType)
			if !ok {
				return true
			}
			functions++
			for _, p := range f.Params.List {
				if types.ExprString(p.Type) == "context.Context" {
					takers = append(takers, set.Position(f.Pos()).Filename)
				}
			}
			return true
		})
	}
	require.Greater(t, functions, 60)
	require.Empty(t, takers)
}
