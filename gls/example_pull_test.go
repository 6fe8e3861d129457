//go:build go1.23

package gls_test

import (
	"fmt"

	"github.com/seed18162548/contextvars/gls"
)

func ExamplePull() {
	lines := func(yield func(string) bool) {
		for i := 1; yield(fmt.Sprintf("%s line %d", tenant.Get(), i)); i++ {
		}
	}
	next, stop := gls.Pull(lines)
	defer stop()
	line, _ := next()
	fmt.Println(line)
	tenant.With("acme", func() { line, _ = next() })
	fmt.Println(line)
	// Output:
	// public line 1
	// acme line 2
}

func ExampleContext_All() {
	c := gls.NewContext()
	c.Run(func() { tenant.Set("acme") })
	for v, x := range c.All() {
		fmt.Println(v.Name(), x)
	}
	// Output: tenant acme
}
