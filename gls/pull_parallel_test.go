//go:build go1.23

package gls_test

import (
	"math/rand"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/registry/registrytest"
	"github.com/seed18162548/contextvars/spawn"
)

// TestPullGoesOnInParallel: bodies, and bodies in them, go on while others
// yield for them and their callers go on too. What a body binds begins with
// the user that it reads, so each caller reads its own, however loans end.
func TestPullGoesOnInParallel(t *testing.T) {
	before := registrytest.Now()
	for seed := int64(0); seed < 100; seed++ {
		p := parallelPull{t: t, user: gls.New[string]("user"), seed: seed}
		p.run()
	}
	require.Empty(t, before.New())
}

type parallelPull struct {
	t    *testing.T
	user *gls.Var[string]
	seed int64
}

// touch binds another text to the user that it reads, and returns the user. The
// loan to a body, if it is one, may end at any time.
func (p *parallelPull) touch(body bool) string {
	user, _, _ := strings.Cut(p.user.Get(), "/")
	text := user + "/" + strconv.Itoa(rand.Int())
	set := p.user.Set(text)
	runtime.Gosched()
	if got := p.user.Get(); got != text && !(body && got == "") {
		p.t.Errorf("seed %d: reads %q, wants %q", p.seed, got, text)
	}
	if err := p.user.TryReset(set); err != nil && !body {
		p.t.Errorf("seed %d: %v", p.seed, err)
	}
	return user
}

func (p *parallelPull) run() {
	next, stop := gls.Pull(func(yield func(int) bool) {
		p.body(rand.New(rand.NewSource(p.seed)), yield, 0)
	})
	var turn sync.Mutex
	var callers sync.WaitGroup
	for i := 0; i < 3; i++ {
		me := "caller " + strconv.Itoa(i)
		callers.Add(1)
		go func() {
			defer callers.Done()
			defer p.user.Set(me).Reset()
			for j := 0; j < 10; j++ {
				turn.Lock()
				next()
				turn.Unlock()
				seen := p.user.Get()
				for k := 0; k < 3; k++ {
					if got := p.touch(false); got != me {
						p.t.Errorf("seed %d: %s reads %q", p.seed, me, got)
					}
					if got := p.user.Get(); got != seen {
						p.t.Errorf("seed %d: %s reads %q after %q", p.seed, me, got, seen)
					}
				}
			}
		}()
	}
	callers.Wait()
	stop()
	if got, ok := p.user.Lookup(); ok {
		p.t.Errorf("seed %d: who only called stop reads %q", p.seed, got)
	}
}

// body does random steps. One goroutine at a time yields, as package iter
// requires.
func (p *parallelPull) body(r *rand.Rand, plain func(int) bool, depth int) {
	var mu sync.Mutex
	yield := func() {
		mu.Lock()
		defer mu.Unlock()
		plain(1)
	}
	var helpers spawn.WaitGroup
	defer helpers.Wait()
	for i := 0; i < 12; i++ {
		switch r.Intn(6) {
		case 0:
			yield()
		case 1:
			helpers.Wait() // for the one before
			helpers.Go(func() {
				inherited := p.user.Get()
				yield()
				if got := p.user.Get(); got != inherited {
					p.t.Errorf("seed %d: a helper reads %q after its yield, and %q before", p.seed, got, inherited)
				}
			})
		case 2:
			if depth < 2 {
				inner := r.Int63() // a seed
				next, stop := gls.Pull(func(yieldInner func(int) bool) {
					p.body(rand.New(rand.NewSource(inner)), func(x int) bool {
						if depth == 0 && inner%2 == 0 {
							yield() // that of the outer one
						}
						return yieldInner(x)
					}, depth+1)
				})
				for _, ok := next(); ok; _, ok = next() {
					p.touch(true)
				}
				stop()
			}
		case 3:
			gls.Isolate(func() { p.user.Set("isolated"); runtime.Gosched() })
		default:
			if got := p.touch(true); got != "" && !strings.HasPrefix(got, "caller ") {
				p.t.Errorf("seed %d: a body reads %q", p.seed, got)
			}
			runtime.Gosched()
		}
	}
}
