// Package specs_test shows ginkgo's specs with variables. Ginkgo runs one suite
// a package, once a process.
package specs_test

import (
	"context"
	"testing"

	"github.com/onsi/ginkgo/v2"

	"github.com/seed18162548/contextvars/gls"
)

var (
	user = gls.New[string]("user")
	left = gls.New[string]("left")
)

func expect(want, got string) {
	ginkgo.GinkgoHelper()
	if got != want {
		ginkgo.Fail("got " + got + ", want " + want)
	}
}

// ran counts the specs that looked.
var ran int

var _ = ginkgo.Describe("variables", func() {
	asAnn := ginkgo.AroundNode(func(ctx context.Context, body func(context.Context)) {
		user.With("ann", func() { body(ctx) })
	})

	ginkgo.Context("bound around every node", asAnn, func() {
		ginkgo.BeforeEach(func() { expect("ann", user.Get()) })
		ginkgo.It("are seen in each, also if it has a deadline", func(ctx ginkgo.SpecContext) {
			expect("ann", user.Get())
			ran++
		})
		ginkgo.AfterEach(func() { expect("ann", user.Get()) })
	})

	ginkgo.Context("bound in BeforeEach", func() {
		var before *gls.Context
		ginkgo.BeforeEach(func() {
			left.Set("before") // ends with the node's goroutine
			before = gls.CopyContext()
		})
		ginkgo.It("are lost, for each node has its own goroutine", func() {
			expect("nothing", left.GetOr("nothing"))
			ran++
		})
		ginkgo.It("are there in its Context", func() {
			before.Run(func() { expect("before", left.Get()) })
			ran++
		})
	})
})

func TestGinkgo(t *testing.T) {
	defer user.Set("caller").Reset() // not seen in specs
	if !ginkgo.RunSpecs(t, "variables") || ran != 3 {
		t.Error("specs that looked:", ran)
	}
}
