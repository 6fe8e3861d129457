package gls_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

var (
	requestID = gls.New[string]("request_id")
	tenant    = gls.New("tenant", gls.Default("public"))
	attempts  = gls.New[int]("attempts")
)

func logLine(text string) { fmt.Printf("[%s] %s\n", requestID.GetOr("-"), text) }

func Example() {
	handle := func(id string) {
		defer requestID.Set(id).Reset()
		logLine("received")

		var wg spawn.WaitGroup
		wg.Go(func() { logLine("working in another goroutine") })
		wg.Wait()
	}
	handle("req-1")
	handle("req-2")
	logLine("idle")
	// Output:
	// [req-1] received
	// [req-1] working in another goroutine
	// [req-2] received
	// [req-2] working in another goroutine
	// [-] idle
}

func ExampleNew() {
	colour := gls.New("colour", gls.Default("grey")) // at package level, in real code
	fmt.Println(colour.Name(), colour.Get())
	// Output: colour grey
}

func ExampleVar_Get() {
	fmt.Printf("%q %q\n", requestID.Get(), tenant.Get())
	// Output: "" "public"
}

func ExampleVar_GetOr() {
	fmt.Println(tenant.GetOr("nobody"))
	defer tenant.Set("").Reset()
	fmt.Printf("%q\n", tenant.GetOr("nobody"))
	// Output:
	// nobody
	// ""
}

func ExampleVar_Lookup() {
	_, ok := tenant.Lookup()
	fmt.Println(ok)
	defer tenant.Set("acme").Reset()
	fmt.Println(tenant.Lookup())
	// Output:
	// false
	// acme true
}

func ExampleVar_MustGet() {
	defer func() {
		err := recover().(error)
		fmt.Println(errors.Is(err, gls.ErrUnset))
	}()
	requestID.MustGet()
	// Output: true
}

func ExampleVar_Set() {
	func() {
		defer requestID.Set("req-1").Reset()
		logLine("inside")
	}()
	logLine("outside")
	// Output:
	// [req-1] inside
	// [-] outside
}

func ExampleVar_Reset() {
	first := attempts.Set(1)
	second := attempts.Set(2)
	attempts.Reset(first) // what was bound just before first: nothing
	_, ok := attempts.Lookup()
	fmt.Println(ok)
	attempts.Reset(second) // what was bound just before second
	fmt.Println(attempts.Get())
	gls.Release()
	// Output:
	// false
	// 1
}

func ExampleVar_TryReset() {
	token := attempts.Set(1)
	fmt.Println(attempts.TryReset(token))
	fmt.Println(errors.Is(attempts.TryReset(token), gls.ErrTokenUsed))
	// Output:
	// <nil>
	// true
}

func ExampleToken_Old() {
	defer tenant.Set("acme").Reset()
	token := tenant.Set("umbrella")
	defer token.Reset()
	fmt.Println(token.Old())
	// Output: acme true
}

func ExampleVar_With() {
	requestID.With("req-1", func() { logLine("inside") })
	// Output: [req-1] inside
}

func ExampleWith() {
	gls.With(func() {
		fmt.Println(requestID.Get(), tenant.Get())
	}, requestID.Bind("req-1"), tenant.Bind("acme"))
	// Output: req-1 acme
}

func ExampleContext_Run() {
	c := gls.NewContext()
	c.Run(func() { attempts.Set(1) })
	c.Run(func() { attempts.Set(attempts.Get() + 1) })
	fmt.Println(attempts.In(c))
	fmt.Println(attempts.Lookup())
	// Output:
	// 2 true
	// 0 false
}

func ExampleCopyContext() {
	defer requestID.Set("req-1").Reset()
	c := gls.CopyContext()
	requestID.With("req-2", func() {
		c.Run(func() { logLine("as it was") })
		logLine("as it is")
	})
	// Output:
	// [req-1] as it was
	// [req-2] as it is
}

func ExampleCall() {
	c := gls.NewContext()
	c.Run(func() { tenant.Set("acme") })
	fmt.Println(gls.Call(c, func() int { return len(tenant.Get()) }))
	// Output: 4
}

func ExampleContext_Enter() {
	c := gls.NewContext()
	exit := c.Enter()
	tenant.Set("acme")
	exit()
	fmt.Println(tenant.Get(), c.Len())
	// Output: public 1
}

func ExampleContext_Range() {
	c := gls.NewContext()
	c.Run(func() {
		tenant.Set("acme")
		requestID.Set("req-1")
	})
	c.Range(func(v gls.AnyVar, x any) bool {
		fmt.Println(v.Name(), x)
		return true
	})
	// Output:
	// request_id req-1
	// tenant acme
}

func ExampleWrap() {
	var callback func()
	requestID.With("req-1", func() {
		callback = gls.Wrap(func() { logLine("called back") })
	})
	callback()
	// Output: [req-1] called back
}

func ExampleIsolate() {
	defer requestID.Set("req-1").Reset()
	gls.Isolate(func() {
		requestID.Set("someone else's")
	})
	logLine("untouched")
	// Output: [req-1] untouched
}

func ExampleRelease() {
	tenant.Set("acme") // and no Reset
	gls.Release()
	fmt.Println(tenant.Get())
	// Output: public
}

func ExampleInto() {
	var ctx context.Context
	requestID.With("req-1", func() { ctx = gls.Into(context.Background()) })
	gls.RunFrom(ctx, func() { logLine("from an explicit context") })
	// Output: [req-1] from an explicit context
}

func ExampleNoInherit() {
	tx := gls.New("tx", gls.NoInherit[string]())
	defer tx.Set("BEGIN").Reset()
	task := spawn.Start(func() (string, error) { return tx.GetOr("no transaction"), nil })
	fmt.Println(task.Wait())
	// Output: no transaction <nil>
}

func ExampleOnFork() {
	path := gls.New("path", gls.OnFork(func(parent string) string { return parent + "/child" }))
	defer path.Set("main").Reset()
	task := spawn.Start(func() (string, error) { return path.Get(), nil })
	fmt.Println(task.Wait())
	// Output: main/child <nil>
}
