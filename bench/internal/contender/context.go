package contender

import (
	"context"
	"sync"
)

// contextKey is a key as net/http has them, compared by pointer. Of the three
// customs (pointer, empty struct, integer) it is the fastest to look up.
type contextKey struct{ name string }

// otherKey is the type of all other keys in a chain, as they come from other
// packages: to pass one costs the comparison of a type.
type otherKey int

var (
	probeKey   = &contextKey{"probe"}
	absentKey  = &contextKey{"absent"}
	requestKey = &contextKey{"request"}
	userKey    = &contextKey{"user"}
	tenantKey  = &contextKey{"tenant"}
)

func withOthers(ctx context.Context, n int) context.Context {
	for i := 0; i < n; i++ {
		ctx = context.WithValue(ctx, otherKey(i), Value(i))
	}
	return ctx
}

// Context is context.Context, handed down explicitly. The number of variables is
// the depth of the chain.
func Context() Contender {
	get := func(ctx context.Context) Loop {
		return func(n int) {
			sum := 0
			for i := 0; i < n; i++ {
				sum += ctx.Value(probeKey).(int)
			}
			Keep(sum)
		}
	}
	return Contender{
		Name:  "context",
		About: "context.Context, passed as a parameter",
		Lacks: "every function in between has to take and pass it; values are untyped",
		Get: func(vars int) Case {
			loop := get(withOthers(context.WithValue(context.Background(), probeKey, Value(0)), vars-1))
			return func(run func(Loop)) { run(loop) }
		},
		GetNewest: func(vars int) Case {
			loop := get(context.WithValue(withOthers(context.Background(), vars-1), probeKey, Value(0)))
			return func(run func(Loop)) { run(loop) }
		},
		Unset: func(vars int) Case {
			ctx := withOthers(context.Background(), vars)
			return func(run func(Loop)) {
				run(func(n int) {
					sum := 0
					for i := 0; i < n; i++ {
						x, _ := ctx.Value(absentKey).(int)
						sum += x
					}
					Keep(sum)
				})
			}
		},
		// There is nothing to undo, and a context nobody reads is of no
		// use: one Value is part of the operation.
		Set: func(vars int) Case {
			parent := withOthers(context.Background(), vars)
			return func(run func(Loop)) {
				run(func(n int) {
					sum := 0
					for i := 0; i < n; i++ {
						ctx := context.WithValue(parent, probeKey, Value(i))
						sum += ctx.Value(probeKey).(int)
					}
					Keep(sum)
				})
			}
		},
		Spawn: func(vars int) Case {
			ctx := withOthers(context.Background(), vars)
			return func(run func(Loop)) { run(func(n int) { startContext(ctx, n) }) }
		},
		Request: func() Case { return func(run func(Loop)) { run(serveContext) } },
		Hold: func(park func()) {
			ctx := context.WithValue(context.Background(), probeKey, Value(0))
			park()
			Keep(ctx.Value(probeKey).(int))
		},
		Leave: func() { Keep(context.WithValue(context.Background(), probeKey, Value(0)).Value(probeKey).(int)) },
	}
}

func startContext(ctx context.Context, n int) {
	var done sync.WaitGroup
	child := func(context.Context) { done.Done() }
	for i := 0; i < n; i++ {
		done.Add(1)
		go child(ctx)
		done.Wait()
	}
}

func serveContext(n int) {
	request, user, tenant := Identity()
	sum := 0
	for i := 0; i < n; i++ {
		ctx := context.WithValue(context.Background(), requestKey, request)
		ctx = context.WithValue(ctx, userKey, user)
		ctx = context.WithValue(ctx, tenantKey, tenant)
		for i := 0; i < gets-1; i += 3 {
			sum += len(ctx.Value(requestKey).(string)) + len(ctx.Value(userKey).(string)) + len(ctx.Value(tenantKey).(string))
		}
		sum += len(ctx.Value(requestKey).(string))
	}
	Keep(sum)
}

// structKey is the key that most packages use.
type structKey struct{}

// ContextStructKey is context.Value with the key that most packages use, an
// empty struct. It is slower than Context's.
func ContextStructKey() Contender {
	return Contender{
		Name:  "context-struct",
		About: "context.Context with a key of type struct{}",
		Get: func(vars int) Case {
			ctx := withOthers(context.WithValue(context.Background(), structKey{}, Value(0)), vars-1)
			return func(run func(Loop)) {
				run(func(n int) {
					sum := 0
					for i := 0; i < n; i++ {
						sum += ctx.Value(structKey{}).(int)
					}
					Keep(sum)
				})
			}
		},
	}
}
