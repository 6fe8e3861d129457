package policy

import (
	"go/ast"
	"go/types"
	"strings"
)

// commandEnds reports whether a command has a context that ends with the
// request.
func (p *Program) commandEnds(x ast.Expr, f *frame) bool {
	list, _ := p.origins(x, whole, f)
	for _, o := range list {
		call, ok := ast.Unparen(o.expr).(*ast.CallExpr)
		if !ok || o.at == nil || o.at.fn == nil {
			return false
		}
		fn := calleeOf(o.at.fn.unit.Info, call)
		if fn == nil || fn.FullName() != "os/exec.CommandContext" || !p.boundedContext(call.Args[0], o.at) {
			return false
		}
	}
	return len(list) > 0
}

func argumentOrReceiver(call *ast.CallExpr, n int) ast.Expr {
	if n == fromReceiver {
		return receiver(call)
	}
	if n-1 < len(call.Args) {
		return call.Args[n-1]
	}
	return nil
}

// endingBody reports whether a function that reads the body of an HTTP message
// reads what has an end: one value, or all, at once; a copy to a buffer or a
// file. What goes on reading may be reading a stream of events.
func (s *search) endingBody(name string, call *ast.CallExpr, f *frame) bool {
	switch name {
	case "io.Copy", "io.CopyBuffer":
		switch types.TypeString(f.fn.unit.Info.TypeOf(call.Args[0]), nil) {
		case "*bytes.Buffer", "*strings.Builder", "*os.File", "hash.Hash":
			return true
		}
		return exprString(call.Args[0]) == "io.Discard"
	}
	return true
}

// finite reports whether a reader has an end that does not depend on another
// process: a buffer, a file that is opened here, or what wraps one of these;
// or, if body is set, the body of an HTTP message.
func (p *Program) finite(x ast.Expr, f *frame, body bool) bool {
	r := reading{p: p, body: body, seen: map[ast.Expr]bool{}}
	return r.finite(x, f)
}

// A reading is a search for what a reader reads.
type reading struct {
	p    *Program
	body bool
	seen map[ast.Expr]bool
}

func (r *reading) finite(x ast.Expr, f *frame) bool {
	if x == nil || f == nil || f.fn == nil {
		return false
	}
	if r.seen[x] {
		return true // the other ways to it decide
	}
	r.seen[x] = true
	list, _ := r.p.origins(x, 0, f)
	for _, o := range list {
		if o.at == nil || o.at.fn == nil || !r.origin(o) {
			return false
		}
	}
	return len(list) > 0
}

func (r *reading) origin(o origin) bool {
	info := o.at.fn.unit.Info
	switch types.TypeString(info.TypeOf(o.expr), nil) {
	case "*bytes.Buffer", "bytes.Buffer", "*bytes.Reader", "*strings.Reader", "*archive/tar.Reader", "mime/multipart.File":
		return true
	}
	e := ast.Unparen(o.expr)
	if u, ok := e.(*ast.UnaryExpr); ok {
		e = ast.Unparen(u.X)
	}
	switch e := e.(type) {
	case *ast.SelectorExpr:
		v := variableOf(info, e)
		return r.body && v != nil && v.IsField() && v.Name() == "Body" && v.Pkg() != nil && v.Pkg().Path() == "net/http"
	case *ast.CallExpr:
		fn := calleeOf(info, e)
		if fn == nil {
			return false
		}
		switch fn.FullName() {
		case "os.Open", "os.OpenFile", "os.Create", "os.CreateTemp", "(*mime/multipart.FileHeader).Open", "(io/fs.FS).Open":
			return true
		}
		if standard(fn.Pkg().Path()) && len(e.Args) > 0 && strings.HasPrefix(fn.Name(), "New") || fn.FullName() == "io.LimitReader" ||
			fn.FullName() == "io.TeeReader" || fn.FullName() == "net/http.MaxBytesReader" {
			i := 0
			if fn.Name() == "MaxBytesReader" {
				i = 1
			}
			return r.finite(e.Args[i], o.at)
		}
	}
	return false
}
