package glsfasthttp_test

import (
	"fmt"

	"github.com/valyala/fasthttp"

	"github.com/seed18162548/contextvars/contrib/glsfasthttp"
	"github.com/seed18162548/contextvars/gls/glshttp"
	"github.com/seed18162548/contextvars/spawn"
)

// The handler behind finds out for whom it works, also in goroutines that it
// starts through package spawn.
func ExampleHandler() {
	userOf := func(ctx *fasthttp.RequestCtx) (string, bool) {
		who := string(ctx.Request.Header.Peek("X-User"))
		return who, who != ""
	}
	serve := func(ctx *fasthttp.RequestCtx) {
		var wg spawn.WaitGroup
		wg.Go(func() { fmt.Fprintf(ctx, "%s for %s", glshttp.ID.Get(), user.Get()) })
		wg.Wait()
	}
	handler := glsfasthttp.Handler(glsfasthttp.RequestID()(glsfasthttp.Bind(user, userOf)(serve)))

	// In a program: fasthttp.ListenAndServe(":8080", handler)
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.Set("X-User", "ann")
	ctx.Request.Header.Set("X-Request-ID", "req-7")
	handler(&ctx)
	fmt.Printf("%s\n", ctx.Response.Body())
	// Output:
	// req-7 for ann
}
