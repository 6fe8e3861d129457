package spawn_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

var user = gls.New("user", gls.Default("nobody"))

func ExampleGo() {
	defer user.Set("ann").Reset()
	done := make(chan struct{})
	spawn.Go(func() {
		defer close(done)
		fmt.Println(user.Get())
		user.Set("bob") // a copy: invisible to the parent
	})
	<-done
	fmt.Println(user.Get())
	// Output:
	// ann
	// ann
}

func ExampleDetached() {
	defer user.Set("ann").Reset()
	done := make(chan struct{})
	spawn.Detached(func() {
		defer close(done)
		fmt.Println(user.Get())
	})
	<-done
	// Output: nobody
}

func ExampleGoIn() {
	c := gls.NewContext()
	done := make(chan struct{})
	spawn.GoIn(c, func() {
		defer close(done)
		user.Set("ann")
	})
	<-done
	fmt.Println(user.In(c))
	// Output: ann true
}

func ExampleStart() {
	defer user.Set("ann").Reset()
	task := spawn.Start(func() (int, error) {
		user.Set("bob")
		return 42, nil
	})
	fmt.Println(task.Wait())
	fmt.Println(user.In(task.Context()))
	fmt.Println(user.Get())
	// Output:
	// 42 <nil>
	// bob true
	// ann
}

func ExampleGather() {
	defer user.Set("ann").Reset()
	greet := func(greeting string) func() (string, error) {
		return func() (string, error) { return greeting + ", " + user.Get(), nil }
	}
	fmt.Println(spawn.Gather(greet("hello"), greet("goodbye")))
	// Output: [hello, ann goodbye, ann] <nil>
}

func ExampleGroup() {
	defer user.Set("ann").Reset()
	g, ctx := spawn.WithContext(context.Background())
	g.Go(func() error { return errors.New(user.Get() + " gave up") })
	fmt.Println(g.Wait())
	fmt.Println(ctx.Err())
	// Output:
	// ann gave up
	// context canceled
}

func ExampleWaitGroup() {
	var wg spawn.WaitGroup
	user.With("ann", func() {
		wg.Go(func() { fmt.Println(user.Get()) })
	})
	wg.Wait()
	// Output: ann
}

func ExampleAfterFunc() {
	done := make(chan struct{})
	user.With("ann", func() {
		spawn.AfterFunc(0, func() {
			defer close(done)
			fmt.Println(user.Get())
		})
	})
	<-done
	// Output: ann
}

func ExampleContextAfterFunc() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	user.With("ann", func() {
		spawn.ContextAfterFunc(ctx, func() {
			defer close(done)
			fmt.Println(user.Get())
		})
	})
	user.With("bob", cancel)
	<-done
	// Output: ann
}
