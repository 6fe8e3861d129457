// Package rewrite turns go statements, and calls that hand a function to some
// other goroutine, into their inheriting forms. It is pure: it takes a
// type-checked package and returns edits of its text.
//
// The edits replace single tokens ("go", a brace, a comma) and leave the text
// between them where it is, so that they nest: a go statement inside the
// function literal of another has edits of its own. Four forms suffice. What
// stands left of the arrow is what the parent evaluates, on the right too:
//
//	value    go x.f()                  spawn.Go(x.f)
//	literal  go func(i int) {…}(e)     func(i int) { spawn.Go(func() {…}) }(e)
//	wrap     go f(x, 1)                spawn.Go(func() { f(x, 1) })
//	hoist    go e(x, g())              { e, a := e, g(); spawn.Go(func() { e(x, a) }) }
//
// wrap is for calls whose parts have the same value whenever they are
// evaluated: constants, functions, and local variables that nothing assigns to
// after their declaration. In hoist, a part of that kind stays in the call.
package rewrite
