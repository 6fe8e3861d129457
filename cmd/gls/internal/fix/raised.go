package fix

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/seed18162548/contextvars/cmd/gls/internal/modreq"
	"github.com/seed18162548/contextvars/cmd/gls/internal/plan"
)

// keepPanicNil keeps the behaviour of panic(nil) of a program with a go line
// below 1.21. It is the only default that depends on the go line and that can
// be set for every release from Go 1.21 on. A godebug line in go.mod would also
// apply to tests, but Go 1.21 and 1.22 cannot read it.
const keepPanicNil = "//go:debug panicnil=1"

// panicNil matches a comment that sets panicnil.
var panicNil = regexp.MustCompile(`(?m)^//go:debug panicnil=`)

// raised returns the changes, other than to go.mod, that go with the raised go
// lines of modules: the commands keep their GODEBUG defaults, and the go.work
// allows the new line. Changes of p to the same files are extended instead.
func raised(mods []*modreq.Change, p *plan.Plan, stderr io.Writer) (extra []plan.Change, err error) {
	for _, c := range mods {
		if c.RaisedFrom == "" {
			continue
		}
		dir := filepath.Dir(c.GoMod)
		files, err := mainFiles(dir)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(stderr, "gls: warning: tests run with the GODEBUG defaults of go 1.21 from now on; %s keep panicnil=1, and netedns0 becomes 1 if the line was below 1.19\n",
			commands(len(files)))
		for _, name := range files {
			if extra, err = keepDefault(name, p, extra); err != nil {
				return nil, err
			}
		}
		work, err := raiseWork(dir)
		if err != nil {
			return nil, err
		}
		if work != nil && !contains(extra, work.Path) {
			extra = append(extra, *work)
		}
	}
	return extra, nil
}

func commands(n int) string {
	if n == 1 {
		return "1 command"
	}
	return fmt.Sprint(n, " commands")
}

func contains(changes []plan.Change, path string) bool {
	for _, c := range changes {
		if c.Path == path {
			return true
		}
	}
	return false
}

// mainFiles returns a file of each command of the module in dir, except for
// commands with a file that sets panicnil.
func mainFiles(dir string) (files []string, err error) {
	cmd := exec.Command("go", "list", "-e", "-find", "-f", `{{if eq .Name "main"}}{{.Dir}}{{range .GoFiles}}{{"\t"}}{{.}}{{end}}{{range .CgoFiles}}{{"\t"}}{{.}}{{end}}{{end}}`, "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot list the commands of %s: %w", dir, err)
	}
packages:
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		fields := strings.Split(line, "\t")
		if len(fields) < 2 {
			continue
		}
		file := ""
		for _, base := range fields[1:] {
			name := filepath.Join(fields[0], base)
			src, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			if panicNil.Match(src) {
				continue packages
			}
			if file == "" || base == "main.go" {
				file = name
			}
		}
		files = append(files, file)
	}
	return files, nil
}

// keepDefault adds the comment to a file: to its change in the plan, or as a
// change of its own.
func keepDefault(name string, p *plan.Plan, extra []plan.Change) ([]plan.Change, error) {
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Path == name {
			text, err := withDebug(c.New)
			c.New = text
			return extra, err
		}
	}
	src, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	text, err := withDebug(src)
	return append(extra, plan.Change{Path: name, Old: src, New: text}), err
}

// withDebug adds the comment above the package clause and its documentation.
func withDebug(src []byte) ([]byte, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.PackageClauseOnly|parser.ParseComments)
	if err != nil {
		return nil, err
	}
	at := fset.File(f.FileStart).Offset(top(f))
	end := "\n"
	if bytes.Contains(src, []byte("\r\n")) {
		end = "\r\n"
	}
	text := append([]byte(nil), src[:at]...)
	text = append(text, keepPanicNil+end+end...)
	return append(text, src[at:]...), nil
}

// top returns the start of the package clause with its documentation.
func top(f *ast.File) token.Pos {
	if f.Doc != nil {
		return f.Doc.Pos()
	}
	return f.Package
}

// raiseWork returns the change to the go.work that uses the module in dir if
// its go line is below that of the module, or nil.
func raiseWork(dir string) (*plan.Change, error) {
	cmd := exec.Command("go", "env", "GOWORK")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOWORK: %w", err)
	}
	name := strings.TrimSpace(string(out))
	if name == "" || name == "off" {
		return nil, nil
	}
	old, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	text, err := modreq.RaiseWork(name, old)
	if err != nil || bytes.Equal(text, old) {
		return nil, err
	}
	return &plan.Change{Path: name, Old: old, New: text}, nil
}
