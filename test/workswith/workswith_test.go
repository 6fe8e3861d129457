package workswith_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
)

var (
	user = gls.New[string]("user")
	left = gls.New[string]("left") // jobs bind it and never reset it
)

// nobody is what seen says of a goroutine that has nothing bound.
const nobody = "nobody/clean"

// seen says who is bound and what was left here, and leaves something itself.
func seen() string {
	s := user.GetOr("nobody") + "/" + left.GetOr("clean")
	left.Set("dirty")
	return s
}

// ask hands a job over by submit, which need not wait for it, and returns what
// the job saw.
func ask(submit func(job func())) string {
	answer := make(chan string, 1)
	submit(func() { answer <- seen() })
	return <-answer
}

// requireKept requires that jobs see what is bound where they are submitted,
// and nothing that another job left.
func requireKept(t *testing.T, submit func(job func())) {
	t.Helper()
	requireKnown(t, func() string { return ask(submit) })
}

// requireKnown requires that ask, called from many goroutines, returns what is
// bound where it is called, and nothing that was left.
func requireKnown(t *testing.T, ask func() string) {
	t.Helper()
	const clients, jobs = 8, 25
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			for j := range jobs {
				name := fmt.Sprintf("client-%d-%d", c, j)
				var got string
				user.With(name, func() { got = ask() })
				if want := name + "/clean"; got != want {
					t.Errorf("a job saw %q, want %q", got, want)
				}
			}
		})
	}
	wg.Wait()
}

// requireLost requires that a job does not see what is bound where it is
// submitted. It does not look at what an earlier job left.
func requireLost(t *testing.T, submit func(job func())) {
	t.Helper()
	defer user.Set("ann").Reset()
	require.Contains(t, ask(submit), "nobody/")
}

// requireShared requires that jobs see what an earlier one left: submit uses
// one goroutine for them.
func requireShared(t *testing.T, submit func(job func())) {
	t.Helper()
	ask(submit)
	require.Equal(t, "nobody/dirty", ask(submit))
}
