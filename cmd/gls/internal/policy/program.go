package policy

import (
	"go/ast"
	"go/types"

	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

// Options configures the policy.
type Options struct {
	Policy   Policy
	Handlers []string // what else marks a handler; see [ParseHandlers]
}

// A Program indexes all packages that were loaded from source. It is not safe
// for concurrent use.
type Program struct {
	options  Options
	units    []*rewrite.Unit
	complete bool // there is a main package, so nobody else calls its functions

	decls   map[string]*function // by key
	lits    map[*ast.FuncLit]*function
	methods map[string][]*function // by name
	callers map[string][]site      // static calls of a declared function
	through map[*types.Var][]site  // calls of the function in a variable or field
	values  map[string]bool        // declared functions that are used as values

	assigned  map[*types.Var][]value // what variables and fields are given
	addressed map[*types.Var]bool    // variables whose address is taken
	home      map[*types.Var]*function
	taken     map[callResult]*types.Var // the variable that gets a result
	embedded  map[*types.TypeName]bool
	boxed     map[string]bool            // types that are converted to interfaces
	fromOther map[*types.TypeName]string // interfaces that get values of others
	called    map[ast.Node]bool          // literals that are called where they stand
	bound     map[ast.Node]*types.Var    // the local variable that has a literal
	abstract  map[string][]*types.Func   // methods of interfaces that are called, by name
	resets    map[types.Object]site      // timers that are set again; nil stands for unknown ones
	onces     []value                    // functions that run once
	marked    []value                    // functions that get a type of -handlers
	served    []value                    // values that are registered as servers

	from    *function // that starts what is judged
	all     []*function
	ranged  map[*types.Var]bool  // variables that a range statement sets
	edges   map[*function][]edge // where functions lead
	serves  map[*function]bool   // methods that are registered as servers
	reached map[*function]route  // what handlers reach
	touched map[*function]route  // the same through what runs once; made when it is needed
	once    map[*function]route  // what sync.Once and its kin run
	start   ast.Node             // the statement that is judged
	asking  bool                 // whether a function asks a flag is being looked at
	ending  map[ast.Node]bool    // whether what a node starts ends, for from
	joins   map[ast.Node]bool    // whether a start is surely waited for
	results map[*function]*doubt // what the search has found; noDoubt if nothing
	looped  map[*function]*doubt // the same of functions that are called in a loop
	names   map[*types.Func]string
	own     map[*types.Package]bool
	imports map[string]*types.Package // those outside the program, by path
	foreign map[string]string         // by the key of an interface's method; see elsewhere
}

// A site is a call and the function that makes it, which is nil in the
// initialization of a package-level variable.
type site struct {
	unit *rewrite.Unit
	fn   *function
	call *ast.CallExpr
}

// A value is an expression in the context of a function.
type value struct {
	unit *rewrite.Unit
	fn   *function
	expr ast.Expr
	// part says which part of expr it is.
	part part
}

// A callResult is a result of a call, by its number.
type callResult struct {
	call   *ast.CallExpr
	result int
}

// A part is a result of a call, by its number, or one of those below.
type part int

const (
	whole   part = -1
	element part = -2 // an element of a slice, an array or a map
)

// NewProgram returns the program that the units make up.
func NewProgram(units []*rewrite.Unit, o Options) *Program {
	p := &Program{
		options: o, units: units,
		decls:     map[string]*function{},
		lits:      map[*ast.FuncLit]*function{},
		methods:   map[string][]*function{},
		callers:   map[string][]site{},
		through:   map[*types.Var][]site{},
		values:    map[string]bool{},
		assigned:  map[*types.Var][]value{},
		addressed: map[*types.Var]bool{},
		home:      map[*types.Var]*function{},
		taken:     map[callResult]*types.Var{},
		embedded:  map[*types.TypeName]bool{},
		boxed:     map[string]bool{},
		fromOther: map[*types.TypeName]string{},
		called:    map[ast.Node]bool{},
		bound:     map[ast.Node]*types.Var{},
		abstract:  map[string][]*types.Func{},
		resets:    map[types.Object]site{},
		ranged:    map[*types.Var]bool{},
		edges:     map[*function][]edge{},
		joins:     map[ast.Node]bool{},
		results:   map[*function]*doubt{},
		looped:    map[*function]*doubt{},
		names:     map[*types.Func]string{},
		foreign:   map[string]string{},
	}
	for _, u := range units {
		p.complete = p.complete || u.Pkg.Name() == "main"
		p.declare(u)
	}
	for _, u := range units {
		p.index(u)
	}
	p.serves = p.servers()
	p.once = p.spread(p.functions(p.onces), true)
	p.reached = p.spread(p.handlers(), false)
	return p
}

// declare enters the declared functions of a package.
func (p *Program) declare(u *rewrite.Unit) {
	for _, f := range u.Files {
		for _, d := range f.Decls {
			d, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			obj, ok := u.Info.Defs[d.Name].(*types.Func)
			if !ok {
				continue
			}
			fn := &function{unit: u, node: d, typ: d.Type, body: d.Body, obj: obj}
			fn.sign(d.Recv)
			p.all = append(p.all, fn)
			if key := p.key(obj); p.decls[key] == nil || d.Name.Name == "init" || d.Name.Name == "_" {
				p.decls[key] = fn
			}
			if d.Recv != nil {
				p.methods[d.Name.Name] = append(p.methods[d.Name.Name], fn)
			}
		}
	}
}

// key returns the name under which a function is known in all packages and all
// variants of a package.
func (p *Program) key(fn *types.Func) string {
	fn = fn.Origin()
	name, ok := p.names[fn]
	if !ok {
		name = fn.FullName()
		p.names[fn] = name
	}
	return name
}

// decl returns the declaration of fn, or nil.
func (p *Program) decl(fn *types.Func) *function {
	if fn == nil {
		return nil
	}
	d := p.decls[p.key(fn)]
	if d == nil || d.body == nil {
		return nil
	}
	return d
}
