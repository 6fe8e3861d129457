//go:build go1.23

package docs_test

import (
	"iter"
	"testing"

	"github.com/seed18162548/contextvars/gls"
)

func init() {
	sequence := func(see func()) iter.Seq[int] {
		return func(yield func(int) bool) {
			see()
			yield(1)
			see()
		}
	}
	visibilityRows = append(visibilityRows, []visibilityRow{
		{"range-over-func, the iterator and the loop's body", true, "1.23", func(_ *testing.T, see func()) {
			for range sequence(see) {
				see()
			}
		}},
		{"the body of `iter.Pull`", false, "1.23", func(_ *testing.T, see func()) {
			next, stop := iter.Pull(sequence(see))
			defer stop()
			next()
			next()
		}},
		{"the body of `gls.Pull`", true, "1.23", func(_ *testing.T, see func()) {
			next, stop := gls.Pull(sequence(see))
			defer stop()
			next()
			next()
		}},
	}...)
}
