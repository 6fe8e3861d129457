// Package seen notes which goroutines have a request's identity.
package seen

import (
	"sync"
	"time"

	"github.com/seed18162548/contextvars/gls"
)

// User is bound by the handler.
var User = gls.New[string]("user")

var (
	mu  sync.Mutex
	all = map[string]string{}
	now = make(chan struct{}, 1)
)

// Says notes whose identity the caller has, the first time.
func Says(name string) {
	mu.Lock()
	defer mu.Unlock()
	if _, ok := all[name]; !ok {
		all[name] = User.GetOr("-")
		select {
		case now <- struct{}{}:
		default:
		}
	}
}

// Await waits until there are n names, but no longer than a minute.
func Await(n int) {
	for end := time.After(time.Minute); len(All()) < n; {
		select {
		case <-now:
		case <-end:
			return
		}
	}
}

// All returns what was noted.
func All() map[string]string {
	mu.Lock()
	defer mu.Unlock()
	copied := map[string]string{}
	for name, user := range all {
		copied[name] = user
	}
	return copied
}
