package main

import (
	"fmt"
	"go/format"
	"math/rand"
	"strings"
)

// odd makes programs whose go statements stand in odd surroundings. What they
// print depends on the order in which everything is evaluated, and on when:
// after each statement, what it was made of is changed.
type odd struct {
	*rand.Rand
	decls    strings.Builder // package-level declarations
	names    int
	comments int
	started  int
}

// oddPrelude is the part that all odd programs have in common. With one thread,
// a new goroutine runs when its starter waits.
const oddPrelude = `
var user = gls.New[string]("user")

var done = make(chan string, 100)

var inherited, started int

// show sends its arguments to the goroutine that waits.
func show(args ...any) {
	started++
	if user.Get() == "ann" {
		inherited++
	}
	done <- fmt.Sprintf("%T %v", args, args)
}

// wait prints what the goroutine showed.
func wait(what string) { fmt.Println(what, <-done) }

// tr prints that it is evaluated, and returns v.
func tr[T any](what string, v T) T { fmt.Println("evaluates", what); return v }

type flag bool

type record struct {
	n    int
	name string
	f    func(any)
}

func (r record) value(x any)    { show("value", r.n, x) }
func (r *record) pointer(x any) { show("pointer", r.n, x) }

type shower interface{ value(any) }

func generic[T any](x T) { show("generic", x) }

func pair() (int, any) { fmt.Println("evaluates pair"); return 1, "two" }

func takesPair(n int, x any) { show("pair", n, x) }

func hello() string { return "hello" }

func variadic(n int, names ...string) { show("variadic", n, names) }

func results(n int) (int, error) { show("results", n); return n, nil }
`

// oddMain is what calls the functions of an odd program.
const oddMain = `
func main() {
	runtime.GOMAXPROCS(1)
	defer user.Set("ann").Reset()
%s	fmt.Fprintf(os.Stderr, "%%d of %%d\n", inherited, started)
}
`

// program returns the text of a program and whether gofmt would leave it.
func (o *odd) program(cases int) string {
	var calls strings.Builder
	for i := 0; i < cases; i++ {
		name := fmt.Sprint("case", i)
		o.function(name)
		fmt.Fprintf(&calls, "\tfmt.Println(%q)\n\t%s()\n", name, name)
	}
	text := "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\t\"runtime\"\n\n\t\"github.com/seed18162548/contextvars/gls\"\n)\n" +
		oddPrelude + o.decls.String() + fmt.Sprintf(oddMain, calls.String())
	switch o.Intn(4) {
	case 0: // as it is
	case 1:
		return strings.ReplaceAll(o.formatted(text), "\n", "\r\n")
	default:
		return o.formatted(text)
	}
	return text
}

func (o *odd) formatted(text string) string {
	out, err := format.Source([]byte(text))
	if err != nil {
		panic(fmt.Sprintf("%v in\n%s", err, text))
	}
	return string(out)
}

// one returns one of the choices.
func (o *odd) one(choices ...string) string { return choices[o.Intn(len(choices))] }

// fresh returns a name that nothing else has.
func (o *odd) fresh(base string) string {
	o.names++
	return fmt.Sprint(base, "_", o.names)
}

// gap returns nothing, or a comment that may stand in the middle of a line.
func (o *odd) gap() string {
	if o.Intn(6) > 0 {
		return ""
	}
	o.comments++
	return fmt.Sprintf(" /* comment %d. */ ", o.comments)
}

// end returns nothing, or a line break, with or without a comment before it.
func (o *odd) end() string {
	switch o.Intn(8) {
	case 0:
		return "\n"
	case 1:
		o.comments++
		return fmt.Sprintf(" // comment %d.\n", o.comments)
	}
	return ""
}

// function writes a function with a go statement or more.
func (o *odd) function(name string) {
	statement := o.statement()
	after := "\ty++; s = \"changed\"; xs[1] = 99; st.n = 99; st.f = nil; fv = nil; q = &xs[0]; names[0] = \"changed\"; sh = nil\n"
	clash := o.one("", "", "\tspawn := 1\n\t_ = spawn\n", "\tspawn, fn, arg, n := 1, 2, 3, 4\n\tdefer func() { fmt.Println(spawn, fn, arg, n) }()\n")
	late := o.one("", "", "\tn := 5\n\t_ = n\n", "\tfmt.Println(x, n0)\n")
	if strings.Contains(clash, "n :=") {
		late = ""
	}
	body := statement + "\n" + after
	waits := "\twait(\"got\")\n"
	again := "\tst.f, fv, sh = st.value, st.value, st\n"
	switch o.Intn(13) {
	case 0:
		body = "\tif x > 0 {\n" + body + "\t}\n" + waits
	case 1:
		body = "\tfor i := 0; i < 2; i++ {\n\tx := i\n\t_ = x\n" + again + body + "\t}\n" + waits + waits
	case 2:
		body = "\tfor i, x := range []int{7, 8} {\n\t_, _ = i, x\n" + again + body + "\t}\n" + waits + waits
	case 3:
		body = "\tswitch n := x; {\n\tcase n > 0:\n" + body + "\tdefault:\n\t}\n" + waits
	case 4:
		body = "\tselect {\n\tdefault:\n" + body + "\t}\n" + waits
	case 5:
		label := o.fresh("label")
		body = label + ":\n" + body + waits + "\tif y < 4 {\n" + again + "\t\tgoto " + label + "\n\t}\n"
	case 6:
		body = "\tfunc() {\n" + body + "\t}()\n" + waits
	case 7:
		body = "\tdefer func() {\n" + body + waits + "\t}()\n"
	case 8:
		body = "\t{ " + statement + "; y++ }\n" + waits
	case 9:
		body = "//line odd.y:" + fmt.Sprint(1+o.Intn(2000)) + "\n" + body + waits
	case 10:
		body = "\tif x := tr(\"init\", 1); x < 0 {\n\t} else if n := x; n > 0 {\n" + body + "\t}\n" + waits
	default:
		body += waits
	}
	o.decls.WriteString("\nfunc " + name + "() {\n" +
		"\tx, y, s, xs, f := 1, 2, \"s\", []int{1, 2, 3}, 1.5\n\tn0, q, names := 0, &xs[1], []string{\"a\", \"b\"}\n" +
		"\tst := record{n: 4, name: \"st\"}\n\tst.f = func(x any) { show(\"field\", x) }\n" +
		"\tvar sh shower = st\n\tfv := func(x any) { show(\"variable\", x) }\n" + clash +
		"\t_, _, _, _, _, _, _, _, _, _, _ = x, y, s, xs, f, n0, q, names, st, sh, fv\n" +
		body + late + "}\n")
}

// statement returns a go statement.
func (o *odd) statement() string {
	o.started++
	start := "\tgo " + o.gap()
	switch o.Intn(12) {
	case 0:
		return start + "takesPair" + o.call("pair()")
	case 1:
		return start + "variadic" + o.call(o.value("int"), "names[:1]...")
	case 2:
		return start + "variadic" + o.call(append([]string{o.value("int")}, []string{`"a"`, o.value("string")}[:o.Intn(3)]...)...)
	case 3:
		return start + o.one("results", "(results)", "tr(\"callee\", results)") + o.call(o.value("int"))
	case 4:
		return start + o.one("generic", "generic[any]") + o.call(o.value("string"))
	case 5:
		return start + o.one("(record).value", "record.value") + o.call("st", o.value("any"))
	case 6:
		return start + o.declared()
	case 7, 8, 9:
		return start + o.literal()
	default:
		return start + o.one("st.value", "st.pointer", "(&st).pointer", "sh.value", "st.f", "fv", "tr(\"callee\", fv)", "tr(\"callee\", st).value",
			"map[string]func(any){\"k\": fv}[\"k\"]", "[]func(any){fv}[0]", "func(f func(any)) func(any) { return f }(fv)") + o.call(o.value("any"))
	}
}

// call returns the arguments of a call, in some layout.
func (o *odd) call(args ...string) string {
	var b strings.Builder
	b.WriteString(o.gap() + "(" + o.end())
	for i, a := range args {
		b.WriteString(o.gap() + a + o.gap())
		end := o.end()
		if i+1 < len(args) || end != "" {
			b.WriteString("," + end + " ")
		}
	}
	return b.String() + ")"
}

var oddTypes = []string{"int", "string", "float64", "any", "flag", "func() string"}

// signature returns parameters, what shows them, and arguments for them.
func (o *odd) signature() (params, uses string, args []string) {
	pool := []string{"n", "arg", "x", "y", "s", "fn", "v", "_", "f"}
	o.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
	for i := 0; i < o.Intn(4); i++ {
		typ := oddTypes[o.Intn(len(oddTypes))]
		params += pool[i] + " " + typ + ", "
		switch {
		case pool[i] == "_":
		case typ == "func() string":
			uses += ", " + pool[i] + "()"
		default:
			uses += ", " + pool[i]
		}
		args = append(args, o.value(typ))
	}
	return strings.TrimSuffix(params, ", "), uses, args
}

// declared returns the call of a function that it declares.
func (o *odd) declared() string {
	name := o.fresh("declared")
	params, uses, args := o.signature()
	fmt.Fprintf(&o.decls, "\nfunc %s(%s) { show(%q%s) }\n", name, params, name, uses)
	return name + o.call(args...)
}

// literal returns the call of a function literal.
func (o *odd) literal() string {
	params, uses, args := o.signature()
	// Under their own names, some of them.
	for i, p := range strings.Split(params, ", ") {
		name, typ, _ := strings.Cut(p, " ")
		if o.Intn(2) == 0 && map[string]string{"x": "int", "y": "int", "s": "string", "f": "float64"}[name] == typ && typ != "" {
			args[i] = name
		}
	}
	result, end := "", ""
	if o.Intn(5) == 0 {
		result, end = " int", "; return 1"
	}
	change := ""
	if strings.Contains(", "+params, ", n int") && o.Intn(2) == 0 {
		change = "n++; "
	}
	body := " " + change + "show(\"literal\"" + uses + ")" + end + " "
	if o.Intn(3) > 0 {
		body = o.end() + "\n\t\t" + change + "show(\"literal\"" + uses + ")" + strings.Replace(end, "; ", "\n\t\t", 1) + o.end() + "\n\t"
		if o.Intn(4) == 0 {
			o.started++
			body = "\n\t\tinner := make(chan bool)\n\t\tgo func(c chan bool) { defer close(c); user.Get() }(inner)\n\t\t<-inner" + body
			o.started--
		}
	}
	return "func(" + params + ")" + result + " {" + body + "}" + o.call(args...)
}

// value returns an expression of a type.
func (o *odd) value(typ string) string {
	trace := func(v string) string { return fmt.Sprintf("tr(%q, %s)", o.fresh("t"), v) }
	switch typ {
	case "int":
		return o.one("7", "x", "y", trace("3"), trace("y"), "xs[1]", "*q", "st.n", "len(s)", "x + y", "1 << uint(x)", "int('a')", "func() int { return y }()", "-y", "cap(xs)")
	case "string":
		return o.one("\"lit\"", "s", trace("s"), "names[0]", "fmt.Sprint(x, y)", "`raw\n\tstring`", "s[:1]", "s + \"x\"", "st.name", "string([]byte(s))")
	case "float64":
		return o.one("2", "2.5", "f", "float64(y)", "1 << 3", trace("f"), "f * 2", "'a'")
	case "any":
		return o.one("nil", "x", "y", "1", "2.5", "\"s\"", "y == 2", "'c'", "st.n", "error(nil)", trace("1"), "1 << 3", "[]int{x, y}", "any(s)", "struct{ n int }{y}", "x < y && y > 0")
	case "flag":
		return o.one("x == y", "true", "x < 3 && y > 1", "flag(y > 1)", "!(x == 1)", trace("flag(true)"))
	default:
		return o.one("func() string { return \"lit\" }", "hello", "(hello)", trace("hello"), "func() string {\n\t\treturn \"long\" // comment\n\t}")
	}
}
