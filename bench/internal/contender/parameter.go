package contender

import "sync"

// pass is a function that takes a value as a parameter. Not inlined, it is what
// a parameter costs when it is passed on.
//
//go:noinline
func pass(x int) int { return x }

//go:noinline
func passString(s string) int { return len(s) }

// Parameter is an explicit parameter for each value.
func Parameter() Contender {
	get := func(n int) {
		sum := 0
		for i := 0; i < n; i++ {
			sum += pass(Value(i))
		}
		Keep(sum)
	}
	return Contender{
		Name:  "parameter",
		About: "an explicit parameter, passed in one call",
		Lacks: "every function in between has to take and pass every value",
		Get:   func(int) Case { return func(run func(Loop)) { run(get) } },
		GetLatency: func(int) Case {
			return func(run func(Loop)) {
				run(func(n int) {
					x, sum := Value(0), 0
					for i := 0; i < n; i++ {
						x = pass(x)
						sum += x
					}
					Keep(sum)
				})
			}
		},
		Spawn: func(int) Case { return func(run func(Loop)) { run(startPlain) } },
		Request: func() Case {
			return func(run func(Loop)) {
				request, user, tenant := Identity()
				run(func(n int) {
					sum := 0
					for i := 0; i < n; i++ {
						for i := 0; i < gets-1; i += 3 {
							sum += passString(request) + passString(user) + passString(tenant)
						}
						sum += passString(request)
					}
					Keep(sum)
				})
			}
		},
		Hold:  func(park func()) { park() },
		Leave: func() {},
	}
}

// startPlain is the go statement, with a child that does nothing.
func startPlain(n int) {
	var done sync.WaitGroup
	child := func() { done.Done() }
	for i := 0; i < n; i++ {
		done.Add(1)
		go child()
		done.Wait()
	}
}
