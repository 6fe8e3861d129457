package glsdebug

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"time"

	"github.com/seed18162548/contextvars/internal/registry"
)

//go:embed assets
var assets embed.FS

// pages are the templates "list", "ask", "stacks" and "token".
var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"asset":   assetAddress,
	"program": func() string { return filepath.Base(os.Args[0]) },
	"count":   count,
	"counted": counted,
	"chip":    newChip,
	"short":   shortPath,
	"site":    site,
	"since":   func(now, t time.Time) string { return duration(now.Sub(t)) },
	"place":   func(in registry.ScopeKind) string { return scopeNames[in] },
	"legible": legible,
	"add":     func(a, b int) int { return a + b },
}).ParseFS(assets, "assets/*.html"))

// renderer returns a function that writes the page of the given name.
func renderer(name string, data any) func(io.Writer) error {
	return func(w io.Writer) error { return pages.ExecuteTemplate(w, name, data) }
}

// A page is what the template "list" shows.
type page struct {
	*view
	IDPath string
	Orders []order
	From   int // the number, from 1, of the first row among those that match
	To     int
	Note   string // why a valid filter finds nothing
}

// An order is a column by which rows can be sorted.
type order struct {
	Name, Title string
	Current     bool
	Desc        bool
	Address     string
}

func newPage(v *view) page {
	p := page{view: v, IDPath: idPath(v.Counters)}
	titles := map[string]string{"id": "Goroutine", "bindings": "Bindings", "age": "Age", "parent": "Spawned by"}
	for _, name := range sortings {
		if !v.Tracking && (name == "age" || name == "parent") {
			continue
		}
		current := v.Query.Sort == name
		p.Orders = append(p.Orders, order{name, titles[name], current, current && v.Query.Desc, v.Query.by(name).address("")})
	}
	if v.Matched > 0 {
		p.From = (v.Query.Page-1)*v.Query.Per + 1
		p.To = p.From + len(v.Rows) - 1
	}
	for _, f := range v.Vars {
		if v.Query.Value != "" && f.Name == v.Query.Var && !f.Visible {
			p.Note = "Values of " + legible(f.Name) + " are hidden, so nothing can be found by them. glsdebug.Visible shows them."
		}
	}
	return p
}

// MaxShown returns the number of bindings of a goroutine that are shown unless
// the user asks for all.
func (page) MaxShown() int { return 12 }

// PageSizes returns the numbers of rows to choose from, including the current
// one.
func (p page) PageSizes() []int {
	sizes := []int{50, defaultPer, 250, maxPer}
	for _, n := range sizes {
		if n == p.Query.Per {
			return sizes
		}
	}
	return append(sizes, p.Query.Per)
}

// ValueAddress returns the address of the goroutines that have the variable of
// the query bound to c's value or, if the page shows these already, of all that
// have it bound. It returns "" if c has no value to ask for.
func (p page) ValueAddress(c valueCount) string {
	switch {
	case c.Long || c.form != whole || c.Value == "":
		return ""
	case p.Current(c):
		return p.Query.where(p.Query.Var, "").address("")
	}
	return p.Query.where(p.Query.Var, c.Value).address("")
}

// Current reports whether the query asks for c's value.
func (p page) Current(c valueCount) bool {
	return c.form == whole && !c.Long && c.Value != "" && c.Value == p.Query.Value && !p.Query.Contains
}

// VarAddress returns the address of the goroutines that have a variable bound
// or, if the page shows these already, of all goroutines.
func (p page) VarAddress(name string) string {
	if p.Query.Var == name {
		name = ""
	}
	return p.Query.where(name, "").address("")
}

// Hue returns the colour of a variable.
func (page) Hue(f varCount) int { return int(f.key) % hues }

// PageAddress returns the address of a page before or after this one.
func (p page) PageAddress(distance int) string {
	return p.Query.page(p.Query.Page + distance).address("")
}

// FormatAddress returns the address of this view in another format.
func (p page) FormatAddress(format string) string { return p.Query.address(format) }

// StacksAddress returns the address of the stacks of all rows, and StackAddress
// that of one.
func (p page) StacksAddress() string { return p.Query.stacks(grouped).address("") }
func (p page) StackAddress(id int64) string {
	return p.Query.stacks(strconv.FormatInt(id, 10)).address("")
}

// A chip is a binding on the page.
type chip struct {
	boundVar
	Hue     int    // of hues
	Shown   string // the value as far as there is room
	More    int    // bytes that are not shown
	Address string // of the goroutines that have the same binding, or ""
}

// hues is the number of colours for variables in the style sheet.
const hues = 8

// longestAddress is the maximum length of a value that becomes part of a link.
const longestAddress = 1000

func newChip(q query, b boundVar) chip {
	c := chip{boundVar: b, Hue: int(b.key) % hues}
	if b.Hidden {
		return c
	}
	head, more := clip(b.Value, longest)
	c.Shown, c.More = legible(head), more
	if len(b.Value) > 0 && len(b.Value) <= longestAddress && !b.Opaque {
		c.Address = q.where(b.Name, b.Value).address("")
	}
	return c
}

// counted returns n and thing, with an s unless n is 1.
func counted(n any, thing string) string {
	s := count(n)
	if s != "1" {
		thing += "s"
	}
	return s + " " + thing
}

// count returns n in groups of three digits.
func count(n any) string {
	var s string
	switch n := n.(type) {
	case int:
		s = strconv.Itoa(n)
	case uint64:
		s = strconv.FormatUint(n, 10)
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// shortPath returns the last two elements of a path, which are enough to tell
// places apart on a narrow screen.
func shortPath(p string) string {
	dir, file := path.Split(filepath.ToSlash(p))
	return path.Join(path.Base(dir), file)
}

// fingerprints has the address of every asset. It includes a hash of the
// content, so browsers may cache the asset forever.
var fingerprints = func() map[string]string {
	m := make(map[string]string)
	for _, name := range []string{"style.css", "live.js", "icon.svg"} {
		content, err := assets.ReadFile("assets/" + name)
		if err != nil {
			panic(err) // the file is compiled in
		}
		sum := sha256.Sum256(content)
		m[name] = "?asset=" + name + "&v=" + hex.EncodeToString(sum[:6])
	}
	return m
}()

// assetTypes has the content types of assets. Package mime would consult files
// of the machine.
var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func assetAddress(name string) string { return fingerprints[name] }

// serveAsset serves the style sheet, the script or the icon.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("asset")
	if _, ok := fingerprints[name]; !ok {
		refuse(w, http.StatusNotFound, "There is no such asset.")
		return
	}
	content, err := assets.ReadFile("assets/" + name)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "glsdebug: "+err.Error())
		return
	}
	w.Header().Set("Content-Type", assetTypes[path.Ext(name)])
	w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}
