// Command server is a short process like command program that serves two users.
// The first one's request starts a goroutine that outlives it and inherits its
// user for good.
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/fresh/check"
	"github.com/seed18162548/contextvars/spawn"
)

var user = gls.New("user", gls.Default("nobody"))

func main() {
	notes := make(chan string)
	seen := make(chan [2]string, 2)
	var once sync.Once
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.FormValue("user")
		check.Equal("a new request", user.Get(), "nobody")
		defer user.Set(name).Reset()
		once.Do(func() {
			spawn.Go(func() {
				for note := range notes {
					seen <- [2]string{note, user.Get()}
				}
			})
		})
		notes <- name
		check.Equal("the request", user.Get(), name)
		fmt.Fprint(w, user.Get())
	}))
	for _, name := range []string{"ann", "bob"} {
		// An error that is ignored here would let bob's request start the
		// goroutine, which then is bob's with good reason.
		response, err := http.Get(s.URL + "?user=" + name)
		if err != nil {
			panic(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			panic(err)
		}
		response.Body.Close()
		check.Equal("the response", string(body), name)
		at := <-seen
		check.Equal("the note", at[0], name)
		check.Equal("the goroutine that ann's request started", at[1], "ann")
	}
	s.Close()
	close(notes)
}
