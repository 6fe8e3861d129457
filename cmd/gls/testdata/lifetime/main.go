// Lives runs everything once, for ann, and says whose identity each goroutine
// has. Its argument is how many names it waits for.
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"sort"
	"strconv"

	"example.com/lives/bounded"
	"example.com/lives/conns"
	"example.com/lives/daily"
	"example.com/lives/fair"
	"example.com/lives/forms"
	"example.com/lives/hard"
	"example.com/lives/pools"
	"example.com/lives/seen"
	"example.com/lives/shapes"
	"example.com/lives/tame"
	"example.com/lives/timers"
	"example.com/lives/waits"
	"example.com/lives/wild"
	"example.com/lives/work"
)

func identify(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer seen.User.Set(r.FormValue("user")).Reset()
		h.ServeHTTP(w, r)
	})
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/pools", pools.Handle)
	mux.HandleFunc("/conns", conns.Handle)
	mux.HandleFunc("/forms", forms.Handle)
	mux.HandleFunc("/hard", hard.Handle)
	mux.HandleFunc("/fair", fair.Handle)
	mux.HandleFunc("/daily", daily.Handle)
	mux.HandleFunc("/timers", timers.Handle)
	mux.HandleFunc("/shapes", shapes.Handle)
	mux.HandleFunc("/waits", waits.Handle)
	mux.HandleFunc("/bounded", bounded.Handle)
	mux.HandleFunc("/wild", wild.Handle)
	mux.HandleFunc("/tame", tame.Handle)
	mux.Handle("/work", work.New())
	hard.Start()
	s := httptest.NewServer(identify(mux))
	for _, path := range []string{"pools", "conns", "forms", "hard", "fair", "daily", "timers", "shapes", "waits", "bounded", "wild", "tame", "work"} {
		resp, err := http.Get(s.URL + "/" + path + "?user=ann")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		resp.Body.Close()
	}
	n, _ := strconv.Atoi(os.Args[1])
	seen.Await(n)
	var names []string
	all := seen.All()
	for name := range all {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Printf("%s\t%s\n", name, all[name])
	}
}
