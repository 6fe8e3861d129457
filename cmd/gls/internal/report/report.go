// Package report writes the page that a team walks through.
package report

import (
	"bytes"
	_ "embed"
	"html/template"
	"path/filepath"

	"github.com/seed18162548/contextvars/cmd/gls/internal/site"
)

//go:embed page.html
var page string

var tmpl = template.Must(template.New("page").Parse(page))

// A row is one statement on the page.
type row struct {
	site.Site
	Name string // the file's name as it is shown
	ID   string // stable: decisions that a browser keeps belong to it
}

// Page returns a page that lists the sites, for use without a network.
func Page(sites []site.Site, problems []error, policy string) ([]byte, error) {
	dir, err := filepath.Abs(".")
	if err != nil {
		return nil, err
	}
	classes, kinds := map[string]int{}, map[string]int{}
	rows := make([]row, len(sites))
	for i, s := range sites {
		name := s.File
		if rel, err := filepath.Rel(dir, name); err == nil && filepath.IsLocal(rel) {
			name = filepath.ToSlash(rel)
		}
		rows[i] = row{Site: s, Name: name, ID: s.Package + "/" + s.Func + "/" + s.Source}
		classes[string(s.Class)]++
		kinds[string(s.Kind)]++
	}
	var out bytes.Buffer
	err = tmpl.Execute(&out, map[string]any{
		"Rows": rows, "Problems": problems, "Policy": policy, "Classes": classes, "Kinds": kinds,
	})
	return out.Bytes(), err
}
