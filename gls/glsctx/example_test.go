package glsctx_test

import (
	"context"
	"fmt"
	"time"

	"github.com/seed18162548/contextvars/gls/glsctx"
)

// A Stringer has no parameter for a context, and what it calls needs one.
type account struct{ id int }

func (a account) String() string { return load(glsctx.Current(), a.id) }

func load(ctx context.Context, id int) string {
	_, bounded := ctx.Deadline()
	return fmt.Sprintf("account %d, with a deadline: %t", id, bounded)
}

func ExampleWith() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	fmt.Println(account{1})
	glsctx.With(ctx, func() { fmt.Println(account{1}) })
	// Output:
	// account 1, with a deadline: false
	// account 1, with a deadline: true
}

func ExampleOr() {
	ping := func(ctx context.Context) {
		ctx = glsctx.Or(ctx)
		_, bounded := ctx.Deadline()
		fmt.Println(bounded)
	}
	implicit, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	glsctx.With(implicit, func() {
		ping(context.Background())
		ping(context.WithoutCancel(implicit))
	})
	// Output:
	// true
	// false
}
