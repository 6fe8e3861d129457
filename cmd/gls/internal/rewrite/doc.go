// Package rewrite turns go statements, and calls that hand a function to some
// other goroutine, into their inheriting forms. It is pure: it takes a
// type-checked package and returns edits of its text.
//
// The edits replace single tokens ("go", a brace, a comma) and leave the text
// between them where it is, so that they nest: a go statement inside the
// function literal of another has edits of its own. Five forms suffice. In all
// of them the parent evaluates what it evaluated before:
//
//	value    go x.f()                  spawn.Go(x.f)
//	inline   go func(i int) {…}(g())   i := g(); spawn.Go(func() {…})
//	literal  go func(i int) {…}(g())   func(i int) { spawn.Go(func() {…}) }(g())
//	wrap     go f(x, 1)                spawn.Go(func() { f(x, 1) })
//	hoist    go e(x, g())              e, a := e, g(); spawn.Go(func() { e(x, a) })
//
// wrap is for calls whose parts have the same value whenever they are
// evaluated: constants, functions, and local variables that nothing assigns to
// after their declaration. In hoist, a part of that kind stays in the call.
// inline is for source files, where the body of a literal then keeps its
// indentation; literal is for overlays, where every token keeps its line, and
// for literals whose parameters cannot become variables.
package rewrite
