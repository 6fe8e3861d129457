package policy

import (
	"fmt"
	"go/ast"
	"go/types"
	"regexp"
	"strings"
)

// contexts are the types that frameworks hand to their handlers, by which a
// handler is known: as a type of that package, or of one below it.
var contexts = []struct{ path, name string }{
	{"net/http", "ResponseWriter"},
	{"github.com/gin-gonic/gin", "Context"},
	{"github.com/labstack/echo", "Context"},
	{"github.com/gofiber/fiber", "Ctx"},
	{"github.com/julienschmidt/httprouter", "Params"},
	{"gopkg.in/macaron.v1", "Context"},
	{"github.com/go-macaron/macaron", "Context"},
	{"github.com/flamego/flamego", "Context"},
	{"github.com/valyala/fasthttp", "RequestCtx"},
	{"connectrpc.com/connect", "Request"},
	{"connectrpc.com/connect", "ServerStream"},
	{"connectrpc.com/connect", "ClientStream"},
	{"connectrpc.com/connect", "BidiStream"},
	{"github.com/bufbuild/connect-go", "Request"},
	{"google.golang.org/grpc", "UnaryServerInfo"},
	{"google.golang.org/grpc", "StreamServerInfo"},
}

// passesOn matches the methods of frameworks' contexts that call a handler, or
// go on as long as the connection does.
var passesOn = regexp.MustCompile(`Next|Stream|SSE|Event|Handle|Serve|Hijack|Run|Done|Invoke|Receive|Websocket|Restart`)

// ofRequest reports whether fn is a method of what a framework hands to its
// handlers, one that looks at the request or answers it.
func ofRequest(fn *types.Func) bool {
	recv := fn.Signature().Recv()
	if recv == nil || fn.Pkg() == nil || passesOn.MatchString(fn.Name()) {
		return false
	}
	named := namedOf(recv.Type())
	return named != nil && isFramework(named)
}

// isFramework reports whether t is one of contexts.
func isFramework(t *types.Named) bool {
	if t.Obj().Pkg() == nil {
		return false
	}
	path, name := t.Obj().Pkg().Path(), t.Obj().Name()
	for _, c := range contexts {
		if name == c.name && (path == c.path || strings.HasPrefix(path, c.path+"/")) {
			return true
		}
	}
	return false
}

// ParseHandlers returns the types of a -handlers flag, as
// example.com/web.Context: a function that has a parameter of such a type, or
// of a pointer to it, or that is converted to such a type, is a handler; and so
// are the methods of an interface of that name.
func ParseHandlers(list string) (names []string, err error) {
	for _, s := range strings.Split(list, ",") {
		s = strings.TrimPrefix(strings.TrimSpace(s), "*")
		if s == "" {
			continue
		}
		if i := strings.LastIndexByte(s, '.'); i <= 0 || i < strings.LastIndexByte(s, '/') || i == len(s)-1 {
			return nil, fmt.Errorf("%q: want package.Type", s)
		}
		names = append(names, s)
	}
	return names, nil
}

// isHandler reports whether functions of type t serve requests.
func (p *Program) isHandler(t types.Type) bool {
	if t == nil {
		return false
	}
	sig, ok := t.Underlying().(*types.Signature)
	if !ok {
		return false
	}
	for i := range sig.Params().Len() {
		if p.isRequest(sig.Params().At(i).Type()) {
			return true
		}
	}
	return p.isGiven(t)
}

// isRequest reports whether a parameter of type t makes a function a handler.
func (p *Program) isRequest(t types.Type) bool {
	named := namedOf(t)
	return named != nil && (isFramework(named) || p.isGiven(named))
}

// isGiven reports whether t is one of the types of -handlers.
func (p *Program) isGiven(t types.Type) bool {
	named := namedOf(t)
	if named == nil || named.Obj().Pkg() == nil {
		return false
	}
	for _, h := range p.options.Handlers {
		if h == named.Obj().Pkg().Path()+"."+named.Obj().Name() {
			return true
		}
	}
	return false
}

// isHandlerFunc reports whether fn serves requests: by its type, or as a method
// of a type that is registered as a server.
func (p *Program) isHandlerFunc(fn *function) bool {
	if fn.obj == nil {
		return p.isHandler(fn.unit.Info.TypeOf(fn.node.(*ast.FuncLit)))
	}
	return p.isHandler(fn.obj.Type()) || p.serves[fn] || p.isGivenMethod(fn)
}

// isGivenMethod reports whether fn is a method that an interface of -handlers
// has, of a type that has the interface.
func (p *Program) isGivenMethod(fn *function) bool {
	if fn.obj.Signature().Recv() == nil || len(p.options.Handlers) == 0 {
		return false
	}
	for _, iface := range p.givenInterfaces() {
		for i := range iface.NumMethods() {
			if m := iface.Method(i); m.Name() == fn.obj.Name() && p.implements(fn, m) {
				return true
			}
		}
	}
	return false
}

// givenInterfaces returns the types of -handlers that are interfaces.
func (p *Program) givenInterfaces() (list []*types.Interface) {
	for _, u := range p.units {
		for _, pkg := range append(u.Pkg.Imports(), u.Pkg) {
			for _, h := range p.options.Handlers {
				name, ok := strings.CutPrefix(h, pkg.Path()+".")
				if obj := pkg.Scope().Lookup(name); ok && obj != nil {
					if iface, ok := obj.Type().Underlying().(*types.Interface); ok {
						list = append(list, iface)
					}
				}
			}
		}
	}
	return list
}

// serverArgument returns which argument of fn is registered as a server, of
// gRPC or net/rpc, or -1.
func serverArgument(fn *types.Func) int {
	switch fn.FullName() {
	case "net/rpc.Register", "(*net/rpc.Server).Register":
		return 0
	case "net/rpc.RegisterName", "(*net/rpc.Server).RegisterName",
		"(*google.golang.org/grpc.Server).RegisterService", "(google.golang.org/grpc.ServiceRegistrar).RegisterService":
		return 1
	}
	if strings.HasPrefix(fn.Name(), "Register") && strings.HasSuffix(fn.Name(), "Server") {
		if params := fn.Signature().Params(); params.Len() == 2 {
			switch types.TypeString(params.At(0).Type(), nil) {
			case "*google.golang.org/grpc.Server", "google.golang.org/grpc.ServiceRegistrar":
				return 1
			}
		}
	}
	return -1
}

// servers returns the methods that are served because their type is registered.
func (p *Program) servers() map[*function]bool {
	methods := map[*function]bool{}
	for _, v := range p.served {
		f := &frame{fn: v.fn}
		list, _ := p.origins(v.expr, whole, f)
		for _, o := range list {
			if o.at == nil || o.at.fn == nil {
				continue
			}
			t := o.at.fn.unit.Info.TypeOf(o.expr)
			named := namedOf(t)
			if named == nil {
				continue
			}
			for _, ms := range p.methods {
				for _, m := range ms {
					if p.hasMethod(named, m) && isServed(m.obj) {
						methods[m] = true
					}
				}
			}
		}
	}
	return methods
}

// hasMethod reports whether m is a method of named, itself or by embedding.
func (p *Program) hasMethod(named *types.Named, m *function) bool {
	obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(named), true, m.obj.Pkg(), m.obj.Name())
	fn, ok := obj.(*types.Func)
	return ok && p.key(fn) == p.key(m.obj)
}

// isServed reports whether a method has the shape of one that gRPC or net/rpc
// calls.
func isServed(fn *types.Func) bool {
	if !fn.Exported() {
		return false
	}
	params, results := fn.Signature().Params(), fn.Signature().Results()
	last := results.Len() - 1
	if last < 0 || types.TypeString(results.At(last).Type(), nil) != "error" {
		return false
	}
	switch params.Len() {
	case 1:
		return results.Len() == 1 && types.IsInterface(params.At(0).Type())
	case 2:
		return results.Len() == 1 || isContext(params.At(0).Type())
	}
	return false
}
