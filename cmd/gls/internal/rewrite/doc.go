// Package rewrite turns go statements, and calls that pass a function to
// another goroutine, into forms that pass on bindings. It has no side effects:
// it takes a type-checked package and returns edits of its text.
//
// The edits replace single tokens ("go", a brace, a comma) and leave the text
// between them alone, so that they nest: a go statement inside the function
// literal of another has its own edits. There are five forms. In all of them
// the parent evaluates what it evaluated before:
//
//	value    go x.f()                  spawn.Go(x.f)
//	inline   go func(i int) {…}(g())   i := g(); spawn.Go(func() {…})
//	literal  go func(i int) {…}(g())   func(i int) { spawn.Go(func() {…}) }(g())
//	wrap     go f(x, 1)                spawn.Go(func() { f(x, 1) })
//	hoist    go e(x, g())              e, a := e, g(); spawn.Go(func() { e(x, a) })
//
// wrap is for calls whose parts have the same value whenever they are
// evaluated: constants, functions, and local variables that nothing assigns to
// after their declaration. In hoist, such parts stay in the call. inline is for
// source files, where the body of a literal then keeps its indentation; literal
// is for overlays, where every token keeps its line, and for literals whose
// parameters cannot become variables.
package rewrite
