package main

import (
	"os"
	"testing"
)

// What a goroutine inherits is a copy, where the server uses the memory again.
func TestCopiesOfReusedMemory(t *testing.T) {
	b := box(t, `
-- go.mod --
module example.com/app

go 1.22

$REQUIRE

require github.com/valyala/fasthttp v1.0.0

replace github.com/valyala/fasthttp => ./fasthttp
-- fasthttp/go.mod --
module github.com/valyala/fasthttp

go 1.20
-- fasthttp/fasthttp.go --
package fasthttp

type RequestCtx struct{ Buf []byte }

func (c *RequestCtx) Path() []byte { return c.Buf }
-- main.go --
package main

import (
	"fmt"

	"github.com/seed18162548/contextvars/gls"
	"github.com/valyala/fasthttp"
)

var (
	path = gls.New[[]byte]("path")
	ctx  = gls.New[*fasthttp.RequestCtx]("ctx")
)

func handle(c *fasthttp.RequestCtx, next, done chan bool) {
	defer path.Set(c.Path()).Reset()
	defer ctx.Set(c).Reset()
	go func() {
		<-next
		fmt.Printf("%s\n", path.Get())
		close(done)
	}()
}

func main() {
	next, done := make(chan bool), make(chan bool)
	c := &fasthttp.RequestCtx{Buf: []byte("/ann")}
	handle(c, next, done)
	copy(c.Buf, "/bob")
	close(next)
	<-done
}
`)
	stdout, stderr := mustGls(t, b, "run", "-policy=all", ".")
	if stdout != "/ann\n" {
		t.Errorf("it prints %q", stdout)
	}
	wantContains(t, stderr, "1 bindings are to copies", "main.go:17: ctx is bound to memory")
	_, stderr = mustGls(t, b, "build", "-policy=all", "-o", os.DevNull, ".")
	wantContains(t, stderr, "main.go:17: ctx is bound to memory")
	stdout, stderr = mustGls(t, b, "fix", "-policy=all", ".")
	wantContains(t, stdout, "1  bindings are to copies")
	wantContains(t, stderr, "main.go:17: ctx is bound to memory")
	wantContains(t, b.Read("main.go"), "path.Set(bytes.Clone(c.Path()))")
	if got := b.Go("run", "."); got != "/ann\n" {
		t.Errorf("afterwards it prints %q", got)
	}
}
