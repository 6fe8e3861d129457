package glsdoctor_test

import (
	"fmt"
	"sync"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsdoctor"
)

// "gls doctor -run run ." makes this of a program that has "go report()". The
// goroutine has no bindings, as with a go statement; in that build, what it
// looks for in vain is counted against line 17.
func Example() {
	user := gls.New("user", gls.Default("nobody"))
	defer user.Set("ann").Reset()

	var wg sync.WaitGroup
	wg.Add(1)
	glsdoctor.Go("main.go:17", func() {
		defer wg.Done()
		fmt.Println(user.Get())
	})
	wg.Wait()
	// Output: nobody
}
