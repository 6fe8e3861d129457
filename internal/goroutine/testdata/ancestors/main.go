// Ancestors has the goroutine that runs finalizers bind a variable, and looks
// whether the binding is there at the next finalizer. It is started by the first
// go statement that needs it, which is one of a goroutine with a "created by".
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"

	"github.com/seed18162548/contextvars/gls"
)

type object struct {
	p *object
	_ [100]byte
}

var user = gls.New[string]("user")

// finalize calls f on the goroutine that runs finalizers.
func finalize(f func()) {
	done := make(chan struct{})
	go func() {
		runtime.SetFinalizer(new(object), func(*object) { f(); close(done) })
		runtime.GC()
	}()
	<-done
}

func main() {
	finalize(func() { user.Set("finalizer") })
	for i := 0; i < 20; i++ {
		const batch = 500
		var ended sync.WaitGroup
		ended.Add(batch)
		for j := 0; j < batch; j++ {
			go func() { user.Set("ended"); ended.Done() }()
		}
		ended.Wait()
	}
	if gls.ReadStats().Reclaimed == 0 {
		fmt.Println("nothing was swept")
		os.Exit(1)
	}
	got := ""
	finalize(func() { got = user.Get() })
	if got != "finalizer" {
		fmt.Printf("the goroutine that runs finalizers reads %q\n", got)
		os.Exit(1)
	}
	fmt.Println("ok")
}
