package contender

import (
	"context"
	"sync"
)

// contextKeys are the keys that a program uses with context.Value.
type contextKeys struct {
	probe, absent         any
	request, user, tenant any
	other                 func(i int) any // of the rest of a chain
}

// key is the type of keys that the documentation of package context shows: one
// for all keys of a package.
type key int

const (
	probeKey = key(1000 + iota)
	absentKey
	requestKey
	userKey
	tenantKey
)

// Context is context.Context, handed down explicitly, with keys as the
// documentation of package context shows them. The number of variables is the
// depth of the chain.
func Context() Contender {
	return contextContender("context", "context.Context, passed as a parameter; keys of one integer type, as its documentation shows", contextKeys{
		probeKey, absentKey, requestKey, userKey, tenantKey,
		func(i int) any { return key(i) },
	})
}

// pointerKey is the type that net/http has behind its keys, which are pointers.
type pointerKey struct{ name string }

// otherKey is the type of the other keys in ContextPointer's chains.
type otherKey int

// ContextPointer is context.Context at its fastest: its keys are pointers, as
// net/http has them, and the other keys in a chain have another type, as they
// come from other packages, so that to pass one is to compare a type.
func ContextPointer() Contender {
	c := contextContender("context-ptr", "the same with the fastest keys: pointers, and between them keys of another type only", contextKeys{
		&pointerKey{"probe"}, &pointerKey{"absent"}, &pointerKey{"request"}, &pointerKey{"user"}, &pointerKey{"tenant"},
		func(i int) any { return otherKey(i) },
	})
	c.Spawn, c.Hold, c.Leave = nil, nil, nil // keys make no difference there
	return c
}

// chain puts n values around ctx.
func (k *contextKeys) chain(ctx context.Context, n int) context.Context {
	for i := 0; i < n; i++ {
		ctx = context.WithValue(ctx, k.other(i), Value(i))
	}
	return ctx
}

func contextContender(name, about string, keys contextKeys) Contender {
	k := &keys
	get := func(ctx context.Context) Case {
		return func(run func(Loop)) {
			run(func(n int) {
				key, sum := k.probe, 0
				for i := 0; i < n; i++ {
					sum += ctx.Value(key).(int)
				}
				Keep(sum)
			})
		}
	}
	probe := func(ctx context.Context) context.Context { return context.WithValue(ctx, k.probe, Value(0)) }
	return Contender{
		Name:      name,
		About:     about,
		Lacks:     "every function in between has to take and pass it; values are untyped",
		Get:       func(vars int) Case { return get(k.chain(probe(context.Background()), vars-1)) },
		GetNewest: func(vars int) Case { return get(probe(k.chain(context.Background(), vars-1))) },
		GetLatency: func(vars int) Case {
			first := context.WithValue(context.Background(), k.probe, &contextLink{Value(0), k.probe})
			ctx := k.chain(first, vars-1)
			return func(run func(Loop)) { run(func(n int) { followContext(ctx, k.probe, n) }) }
		},
		Unset: func(vars int) Case {
			ctx := k.chain(context.Background(), vars)
			return func(run func(Loop)) {
				run(func(n int) {
					key, sum := k.absent, 0
					for i := 0; i < n; i++ {
						x, _ := ctx.Value(key).(int)
						sum += x
					}
					Keep(sum)
				})
			}
		},
		// There is nothing to undo, and a context nobody reads is of no
		// use: one Value is part of the operation.
		Set: func(vars int) Case {
			parent := k.chain(context.Background(), vars)
			return func(run func(Loop)) {
				run(func(n int) {
					key, sum := k.probe, 0
					for i := 0; i < n; i++ {
						ctx := context.WithValue(parent, key, Value(i))
						sum += ctx.Value(key).(int)
					}
					Keep(sum)
				})
			}
		},
		Spawn: func(vars int) Case {
			ctx := k.chain(context.Background(), vars)
			return func(run func(Loop)) { run(func(n int) { startContext(ctx, n) }) }
		},
		Request: func() Case { return func(run func(Loop)) { run(k.serve) } },
		Hold: func(park func()) {
			ctx := probe(context.Background())
			park()
			Keep(ctx.Value(k.probe).(int))
		},
		Leave: func() { Keep(probe(context.Background()).Value(k.probe).(int)) },
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

func (k *contextKeys) serve(n int) {
	request, user, tenant := Identity()
	r, u, t := k.request, k.user, k.tenant
	sum := 0
	for i := 0; i < n; i++ {
		ctx := context.WithValue(context.Background(), r, request)
		ctx = context.WithValue(ctx, u, user)
		ctx = context.WithValue(ctx, t, tenant)
		for i := 0; i < gets-1; i += 3 {
			sum += len(ctx.Value(r).(string)) + len(ctx.Value(u).(string)) + len(ctx.Value(t).(string))
		}
		sum += len(ctx.Value(r).(string))
	}
	Keep(sum)
}
