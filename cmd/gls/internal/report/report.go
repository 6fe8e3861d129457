// Package report writes an HTML page that lists the places for a team to walk
// through.
package report

import (
	"bytes"
	_ "embed"
	"html/template"
	"path/filepath"
	"time"

	"github.com/seed18162548/contextvars/cmd/gls/internal/site"
)

//go:embed page.html
var page string

var tmpl = template.Must(template.New("page").Parse(page))

// Info describes the subject of a page.
type Info struct {
	Project  string // the path of the module, or the name of the folder
	Policy   string
	Release  string // of this tool
	Date     time.Time
	Problems []error
}

// A file is the statements of one file on the page.
type file struct {
	Name string // as it is shown
	Path string // absolute
	Rows []row
}

// A row is one statement on the page.
type row struct {
	site.Site
	ID string // stable, because a browser stores decisions under it
}

// Page returns a page that lists the sites, which must be sorted by file, for
// use without a network.
func Page(sites []site.Site, info Info) ([]byte, error) {
	dir, err := filepath.Abs(".")
	if err != nil {
		return nil, err
	}
	classes, kinds := map[string]int{}, map[string]int{}
	var files []*file
	for _, s := range sites {
		if n := len(files); n == 0 || files[n-1].Path != s.File {
			name := s.File
			if rel, err := filepath.Rel(dir, name); err == nil && filepath.IsLocal(rel) {
				name = filepath.ToSlash(rel)
			}
			files = append(files, &file{Name: name, Path: s.File})
		}
		f := files[len(files)-1]
		f.Rows = append(f.Rows, row{s, s.Package + "/" + s.Func + "/" + s.Source})
		classes[string(s.Class)]++
		kinds[string(s.Kind)]++
	}
	var out bytes.Buffer
	err = tmpl.Execute(&out, map[string]any{
		"Info": info, "Files": files, "Count": len(sites), "Classes": classes, "Kinds": kinds,
	})
	return out.Bytes(), err
}
