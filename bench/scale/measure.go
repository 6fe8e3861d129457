package main

import (
	"runtime"
	"sync"
	"time"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/registry"
)

var user = gls.New[int]("user")

// measurements are what a process can measure, with so many goroutines.
var measurements = map[string]func(goroutines int) results{
	"growing":                    func(n int) results { r, _ := grow(n, true); return results{r} },
	"growing without entries":    func(n int) results { r, _ := grow(n, false); return results{r} },
	"collecting":                 func(n int) results { return results{collect(n, true)} },
	"collecting without entries": func(n int) results { return results{collect(n, false)} },
	"resting":                    func(n int) results { return rest(n, true) },
	"resting without entries":    func(n int) results { return rest(n, false) },
	"sweeping":                   func(n int) results { return results{sweep(n)} },
	"dying":                      func(n int) results { return results{die(n)} },
}

// grow starts n goroutines, which stay, and returns how long their first Sets
// took. If hold is false they take back what they have set at once.
func grow(n int, hold bool) (r result, release func()) {
	took := make([]time.Duration, n)
	block := make(chan struct{})
	var ready, done sync.WaitGroup
	ready.Add(n)
	done.Add(n)
	for i := 0; i < n; i++ {
		i := i
		go func() {
			defer done.Done()
			begin := time.Now()
			token := user.Set(i)
			took[i] = time.Since(begin)
			if !hold {
				token.Reset()
			}
			ready.Done()
			<-block
			if hold && user.Get() != i {
				panic("another goroutine's value")
			}
		}()
		if i%1000 == 999 {
			runtime.Gosched() // so that not all of them wait to run
		}
	}
	ready.Wait()
	return latencies(took), func() { close(block); done.Wait() }
}

// collect returns how long first Sets take beside n goroutines that stay, while
// the garbage collector runs all the time.
func collect(n int, hold bool) result {
	_, release := grow(n, hold)
	defer release()
	stop := make(chan struct{})
	var collector sync.WaitGroup
	collector.Add(1)
	go func() {
		defer collector.Done()
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	r := firstSets(min(300_000, 10*n))
	close(stop)
	collector.Wait()
	return r
}

// rest returns how long first Sets take beside n goroutines that stay and do
// nothing, several times.
func rest(n int, hold bool) (all results) {
	_, release := grow(n, hold)
	defer release()
	settle()
	for i := 0; i < 10; i++ {
		all = append(all, firstSets(min(100_000, 10*n)))
	}
	return all
}

// firstSets returns how long first Sets take in n goroutines, one after the
// other.
func firstSets(n int) result {
	took := make([]time.Duration, n)
	for i := range took {
		done := make(chan struct{})
		go func(i int) {
			begin := time.Now()
			token := user.Set(i)
			took[i] = time.Since(begin)
			token.Reset()
			close(done)
		}(i)
		<-done
	}
	return latencies(took)
}

// sweep returns how long the sweeps after one collection take beside n
// goroutines of which none ends: as many shards as are swept then, of which
// each takes as long as in a sweep of all.
func sweep(n int) result {
	_, release := grow(n, true)
	defer release()
	settle()
	begin, before := time.Now(), registry.ReadStats().Sweeps
	registry.Sweep()
	each := time.Since(begin) / time.Duration(registry.ReadStats().Sweeps-before)
	const collections = 10
	before = registry.ReadStats().Sweeps
	for i := 0; i < collections; i++ {
		settle()
	}
	swept := (registry.ReadStats().Sweeps - before) / collections
	return result{Cost: time.Duration(swept * uint64(each))}
}

// die has n goroutines set a variable and end, and returns how many entries two
// collections leave.
func die(n int) result {
	before := gls.Live()
	var done sync.WaitGroup
	done.Add(n)
	for i := 0; i < n; i++ {
		go func() { user.Set(1); done.Done() }()
	}
	done.Wait()
	settle()
	settle()
	return result{Left: time.Duration(max(0, gls.Live()-before))}
}

// settle collects garbage and waits until the finalizers that were due then
// have run. The sweep is one of them.
func settle() {
	runtime.GC()
	sweeps := registry.ReadStats().Sweeps
	for {
		time.Sleep(20 * time.Millisecond)
		now := registry.ReadStats().Sweeps
		if now == sweeps {
			return
		}
		sweeps = now
	}
}
