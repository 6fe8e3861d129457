package glstest_test

import (
	"testing"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glstest"
)

var user = gls.New[string]("user")

func Example() {
	test := func(t *testing.T) {
		glstest.CheckLeaks(t)
		glstest.Set(t, user, "ann")
		glstest.Run(t, "subtest", func(t *testing.T) {
			t.Parallel()
			if user.Get() != "ann" {
				t.Error("the subtest runs on a goroutine of its own, and inherits all the same")
			}
		})
	}
	_ = test // go test calls it
}
