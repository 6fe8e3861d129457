package contender

import "sync"

// A handmade variable is what people write before they look for a library: a
// map from goroutine IDs to values.
type handmade interface {
	get() int
	set(x int)
	remove()
}

// contend returns the operations of handmade variables that are not worth a
// loop of their own: what they cost is far above the cost of a call through an
// interface.
func contend(probe handmade, others []handmade, loops Contender, get, set Loop) Contender {
	c := loops
	bind := func(n int, f func()) {
		for i, v := range others[:n] {
			v.set(Value(i))
			defer v.remove()
		}
		f()
	}
	beside := func(loop Loop) func(vars int) Case {
		return func(vars int) Case {
			return func(run func(Loop)) { bind(vars, func() { run(loop) }) }
		}
	}
	c.Get = func(vars int) Case {
		return func(run func(Loop)) {
			probe.set(Value(0))
			defer probe.remove()
			bind(vars-1, func() { run(get) })
		}
	}
	c.GetNewest = c.Get
	c.Unset = beside(get)
	c.Set = beside(set)
	c.Spawn = func(vars int) Case {
		return beside(func(n int) { startHandmade(others[:vars], n) })(vars)
	}
	c.Hold = func(park func()) {
		probe.set(Value(0))
		defer probe.remove()
		park()
	}
	c.Leave = func() { probe.set(Value(0)) }
	return c
}

// startHandmade starts n goroutines one after the other, each of which inherits
// vars and forgets them at its end.
func startHandmade(vars []handmade, n int) {
	var done sync.WaitGroup
	for i := 0; i < n; i++ {
		done.Add(1)
		values := make([]int, len(vars))
		for i, v := range vars {
			values[i] = v.get()
		}
		go func() {
			defer done.Done()
			for i, v := range vars {
				v.set(values[i])
				defer v.remove()
			}
		}()
		done.Wait()
	}
}

const handmadeLacks = "forgets nothing by itself: a goroutine that ends without removing its values leaks them; no tokens, no copies"
