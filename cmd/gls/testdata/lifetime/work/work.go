// Package work has goroutines that nobody waits for, and that end.
package work

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/smtp"
	"os"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"example.com/lives/lib"
	"example.com/lives/seen"
)

type event struct {
	Kind string
	At   time.Time
}

type auditor struct {
	mu     sync.Mutex
	events []event
	out    io.Writer
	count  atomic.Int64
}

func (a *auditor) record(e event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.events = append(a.events, e)
	a.count.Add(1)
	if err := json.NewEncoder(a.out).Encode(e); err != nil {
		log.Printf("audit: %v", err)
	}
}

func (a *auditor) login() {
	go func() {
		defer func() {
			if p := recover(); p != nil {
				slog.Error("audit failed", "panic", p)
			}
		}()
		seen.Says("work: audit +")
		a.record(event{"login", time.Now()})
	}()
}

func (a *auditor) later(e event) {
	seen.Says("work: method +")
	a.record(e)
}

type notifier interface {
	notify(ctx context.Context, to string) error
}

type mail struct{ addr string }

func (m *mail) notify(ctx context.Context, to string) error {
	seen.Says("work: mail through an interface +")
	return smtp.SendMail(m.addr, nil, "from", []string{to}, []byte("hello"))
}

type hook struct{ client *http.Client }

func (h *hook) notify(ctx context.Context, to string) error {
	seen.Says("work: web hook through an interface +")
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader("{}"))
	if err != nil {
		return err
	}
	resp, err := h.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("hook: %s: %w", body, err)
	}
	return nil
}

func retrying(do func() error) {
	seen.Says("work: a few tries +")
	for i := 0; i < 3; i++ {
		if err := do(); err == nil {
			return
		}
		time.Sleep(time.Millisecond << i)
	}
}

func tries(do func() error) {
	seen.Says("work: counts its tries +")
	tries := 0
	for {
		if do() == nil {
			return
		}
		tries++
		if tries >= 3 {
			return
		}
	}
}

func queries(db *sql.DB) {
	seen.Says("work: rows of a query +")
	if db == nil {
		return
	}
	rows, err := db.Query("SELECT name FROM users")
	if err != nil {
		return
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if rows.Scan(&name) != nil {
			return
		}
	}
}

func publishes(events chan<- event) {
	go func() {
		seen.Says("work: publishes +")
		select {
		case events <- event{Kind: "x"}:
		default:
		}
	}()
}

func deletes(name string) {
	go func() {
		seen.Says("work: deletes a file +")
		_ = os.Remove(name)
		_ = os.WriteFile(name, nil, 0o600)
		_ = os.Remove(name)
	}()
}

func walks(root *node) {
	go func() {
		seen.Says("work: walks a tree +")
		root.walk(0)
	}()
}

type node struct {
	left, right *node
	n           int
}

func (n *node) walk(depth int) int {
	if n == nil {
		return depth
	}
	return n.left.walk(depth+1) + n.right.walk(depth+1) + n.n
}

func list(head *node) {
	seen.Says("work: goes along a list +")
	for n := head; n != nil; n = n.left {
		n.n++
	}
	for head != nil {
		head = head.right
	}
}

func sorts(in []int) {
	go func() {
		seen.Says("work: sorts +")
		sort.Slice(in, func(i, j int) bool { return in[i] < in[j] })
		var b bytes.Buffer
		for _, n := range in {
			fmt.Fprintln(&b, n)
		}
		slog.Info(b.String())
	}()
}

func dials(addr string) {
	go func() {
		seen.Says("work: dials and writes +")
		c, err := net.DialTimeout("tcp", addr, time.Millisecond)
		if err != nil {
			return
		}
		defer c.Close()
		fmt.Fprint(c, "x")
	}()
}

func delayed() {
	time.AfterFunc(time.Millisecond, func() { seen.Says("work: a timer that rings once +") })
}

func nested() {
	go func() {
		seen.Says("work: outer +")
		go func() {
			seen.Says("work: inner +")
		}()
	}()
}

func stacked() {
	stack := []int{1, 2, 3}
	go func() {
		seen.Says("work: until the stack is empty +")
		for len(stack) > 0 {
			stack = stack[:len(stack)-1]
		}
	}()
}

func pipes() {
	r, w := io.Pipe()
	go func() {
		seen.Says("work: writes into a pipe +")
		w.CloseWithError(json.NewEncoder(w).Encode("x"))
	}()
	io.Copy(io.Discard, r)
}

// A timer of the request, stopped at its end.
func slowLog() {
	t := time.AfterFunc(time.Hour, func() { log.Print("slow") })
	defer t.Stop()
	stop := make(chan bool)
	go func() {
		seen.Says("work: watches the request +")
		select {
		case <-stop:
		case <-time.After(time.Minute):
			log.Print("slow")
		}
	}()
	close(stop)
}

var limit = make(chan struct{}, 8)

func limited() {
	limit <- struct{}{}
	go func() {
		defer func() { <-limit }()
		seen.Says("work: semaphore of the process +")
	}()
}

func tokens() {
	go func() {
		limit <- struct{}{}
		defer func() { <-limit }()
		seen.Says("work: semaphore of the process, taken inside +")
	}()
}

var once sync.Once

func setsUpOnce() {
	go func() {
		once.Do(func() {})
		seen.Says("work: once inside +")
	}()
}

func async(f func()) {
	go func() {
		defer func() { recover() }()
		f()
	}()
}

func cleans(files map[string]bool) {
	go func() {
		seen.Says("work: other package with a context +")
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		for f := range files {
			_ = lib.Store(ctx, f, "gone")
		}
	}()
}

type handler struct {
	audit  *auditor
	notify []notifier
	onDone func(string)
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.audit.login()
	go h.audit.later(event{Kind: "later"})
	for _, n := range h.notify {
		go n.notify(context.WithoutCancel(r.Context()), "http://127.0.0.1:1")
	}
	go retrying(func() error { return nil })
	go tries(func() error { return nil })
	go queries(nil)
	publishes(make(chan event))
	deletes("/nonexistent/file")
	walks(&node{})
	go list(&node{})
	sorts([]int{2, 1})
	dials("127.0.0.1:1")
	delayed()
	nested()
	stacked()
	pipes()
	slowLog()
	limited()
	tokens()
	setsUpOnce()
	async(func() { seen.Says("work: helper that starts what it is given +") })
	cleans(map[string]bool{"a": true})
	go h.onDone("x")
	go fmt.Fprintln(io.Discard, "x")
}

// New returns the handler.
func New() http.Handler {
	return &handler{
		audit:  &auditor{out: io.Discard},
		notify: []notifier{&mail{"127.0.0.1:1"}, &hook{http.DefaultClient}},
		onDone: func(string) { seen.Says("work: function in a field +") },
	}
}
