// Program reports, as JSON on standard output, what the library found out about
// the runtime that it runs on and whether goroutines keep their bindings apart.
// Tests build it in ways in which they cannot be built themselves.
package main

import (
	"encoding/json"
	"os"
	"runtime"
	"sync"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/spawn"
)

// A report is what the tests read.
type report struct {
	AtStart      int    // goroutines when main began
	Listing      string // their traces
	FastID       bool
	FastLiveness bool
	Fast, Slow   int64 // two ways to the main goroutine's ID
	Wrong        int   // times that a goroutine saw another's value
	Left         int   // goroutines that hold state in the end
}

var owner = gls.New[int64]("owner")

func main() {
	buf := make([]byte, 1<<20)
	r := report{AtStart: runtime.NumGoroutine()}
	r.Listing = string(buf[:runtime.Stack(buf, true)])
	st := gls.ReadStats()
	r.FastID, r.FastLiveness = st.FastID, st.FastLiveness
	r.Fast, r.Slow = goroutine.FastID(), goroutine.SlowID()
	r.Wrong = mixUps()
	r.Left = gls.Live()
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		panic(err)
	}
}

// mixUps has goroutines bind their own IDs and look again, and returns how
// often what they saw was not theirs.
func mixUps() (wrong int) {
	const goroutines, looks = 64, 50
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := 0; i < goroutines; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			me, bad := goroutine.SlowID(), 0
			for n := 0; n < looks; n++ {
				if _, ok := owner.Lookup(); ok {
					bad++
				}
				owner.With(me, func() {
					runtime.Gosched()
					child, _ := spawn.Start(func() (int64, error) { return owner.Get(), nil }).Wait()
					if owner.Get() != me || child != me {
						bad++
					}
				})
			}
			mu.Lock()
			wrong += bad
			mu.Unlock()
		}()
	}
	wg.Wait()
	return wrong
}
