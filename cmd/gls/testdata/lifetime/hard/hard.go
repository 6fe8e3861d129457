// Package hard has goroutines that outlive the request, although something
// around them looks as if they did not.
package hard

import (
	"bufio"
	"context"
	"io"
	"iter"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/lives/seen"
)

// A server has what its goroutines wait for.
type server struct {
	jobs  chan func()
	wake  chan struct{}
	quit  chan struct{}
	slots chan struct{}
	on    bool
	timer *time.Timer
	after map[string]*time.Timer
	group errgroup.Group
}

// A counter that success resets.
func resets(session func() error) {
	seen.Says("hard: counter that is reset")
	for tries := 0; tries < 3; tries++ {
		if session() == nil {
			tries = 0
		}
		time.Sleep(time.Hour)
	}
}

func upwards() {
	seen.Says("hard: counts away from its bound")
	for i := 0; i >= 0; i++ {
		time.Sleep(time.Hour)
	}
}

func many() {
	seen.Says("hard: counts for years")
	for i := 0; i < 1<<40; i++ {
		time.Sleep(time.Hour)
	}
}

// A worker that retires after some jobs serves everyone until then.
func (s *server) retiring() {
	seen.Says("hard: worker that retires after some jobs")
	for n := 0; n < 1000; n++ {
		select {
		case f := <-s.jobs:
			f()
		case <-time.After(time.Hour):
			return
		}
	}
}

// And one with a time to live.
func (s *server) mortal() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	go func() {
		defer cancel()
		seen.Says("hard: worker with a time to live")
		for {
			select {
			case <-ctx.Done():
				return
			case f := <-s.jobs:
				f()
			}
		}
	}()
}

// The next restart ends it.
func (s *server) restart() {
	if s.on {
		s.quit <- struct{}{}
	}
	s.on = true
	go func() {
		seen.Says("hard: ends at the next restart")
		<-s.quit
	}()
}

// A tracker is no WaitGroup, though it has its methods.
type tracker struct{ done chan struct{} }

func (t *tracker) Add(int) {}
func (t *tracker) Done()   {}
func (t *tracker) Wait() {
	select {
	case <-t.done:
	case <-time.After(time.Millisecond):
	}
}

func tracked() {
	var t tracker
	t.Add(1)
	go func() {
		defer t.Done()
		seen.Says("hard: a Wait with a time-out inside")
		<-t.done
	}()
	t.Wait()
}

// A timer closes the channel as well.
func impatient() {
	done := make(chan struct{})
	var once sync.Once
	end := func() { once.Do(func() { close(done) }) }
	time.AfterFunc(time.Millisecond, end)
	go func() {
		defer end()
		seen.Says("hard: a timer closes the channel too")
		select {}
	}()
	<-done
}

// Somebody else has the channel.
func (s *server) shared() {
	done := make(chan struct{})
	s.wake = done
	go func() {
		defer close(done)
		seen.Says("hard: receives from a channel that is stored")
		<-done
	}()
}

func subscriber(subscribe func(func(string))) {
	in := make(chan string)
	subscribe(func(s string) { in <- s })
	go func() {
		seen.Says("hard: channel that a subscription feeds")
		for range in {
		}
	}()
	defer func() {
		if recover() != nil {
			close(in)
		}
	}()
}

var subscribers []func(string)

// The context of a function that made the handler.
func handlerOf() http.HandlerFunc {
	ctx, cancel := context.WithCancel(context.Background())
	in := make(chan int)
	once := sync.OnceFunc(func() { cancel(); close(in) })
	defer func() {
		if recover() != nil {
			once()
		}
	}()
	return func(w http.ResponseWriter, r *http.Request) {
		go func() {
			seen.Says("hard: context of whoever made the handler")
			<-ctx.Done()
		}()
		go func() {
			seen.Says("hard: channel of whoever made the handler")
			for range in {
			}
		}()
	}
}

func serves(run func(http.HandlerFunc)) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	in := make(chan int)
	defer close(in)
	var wg sync.WaitGroup
	defer wg.Wait()
	run(func(w http.ResponseWriter, r *http.Request) {
		go func() {
			seen.Says("hard: context of the server that a function runs")
			for {
				select {
				case <-ctx.Done():
					return
				case <-time.After(time.Hour):
				}
			}
		}()
		go func() {
			seen.Says("hard: channel of the server that a function runs")
			for range in {
			}
		}()
		go func() {
			seen.Says("hard: WaitGroup of the server that a function runs")
			wg.Wait()
			<-ctx.Done()
		}()
	})
}

// Serve runs until the process ends, as main would.
func Serve(run func(http.HandlerFunc)) { serves(run) }

// Bytes that come as they come.
func events(body io.Reader) {
	seen.Says("hard: stream of events")
	for s := bufio.NewScanner(body); s.Scan(); {
	}
}

func response(resp *http.Response) {
	go func() {
		seen.Says("hard: events of a response")
		for s := bufio.NewScanner(resp.Body); s.Scan(); {
		}
	}()
}

func pipe(out *io.Writer) {
	r, w := io.Pipe()
	*out = w
	go func() {
		seen.Says("hard: log pipe")
		for s := bufio.NewScanner(r); s.Scan(); {
		}
	}()
}

func output(cmd *exec.Cmd) {
	r, err := cmd.StdoutPipe()
	if err != nil {
		return
	}
	if cmd.Start() != nil {
		return
	}
	go func() {
		seen.Says("hard: output of a process")
		io.ReadAll(r)
	}()
}

// The queue runs it again.
func (s *server) again() {
	seen.Says("hard: puts itself into the queue again")
	s.jobs <- s.again
}

func (s *server) schedule(f func()) { s.timer = time.AfterFunc(time.Hour, f) }

func (s *server) periodic() {
	seen.Says("hard: has itself scheduled again")
	s.schedule(s.periodic)
}

// Others set the timer of a key again.
func (s *server) touch(key string) {
	if t := s.after[key]; t != nil {
		t.Reset(time.Millisecond)
		return
	}
	s.after[key] = time.AfterFunc(time.Millisecond, func() {
		seen.Says("hard: timer in a map")
	})
}

var startOnce = sync.OnceFunc(func() {
	seen.Says("hard: loop inside a OnceFunc")
	for {
		time.Sleep(time.Hour)
	}
})

func values(in chan int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for {
			if v, ok := <-in; !ok || !yield(v) {
				return
			}
		}
	}
}

func iterates(in chan int) {
	seen.Says("hard: loop inside an iterator")
	for range values(in) {
	}
}

// detached hides the cancellation.
type detached struct{ context.Context }

func (detached) Done() <-chan struct{} { return nil }

func detach(ctx context.Context) context.Context { return detached{ctx} }

func hidden(ctx context.Context) {
	ctx = detach(ctx)
	go func() {
		seen.Says("hard: context that hides the cancellation")
		<-ctx.Done()
	}()
}

// One caller passes the request's context, another its own.
func follow(ctx context.Context) {
	go func() {
		seen.Says("hard: context that another caller passes")
		<-ctx.Done()
	}()
}

// Start is called at the start.
func Start() { follow(context.Background()) }

// A server of the standard library and a fake one.
type listener interface{ Serve(net.Listener) error }

type fake struct{}

func (fake) Serve(net.Listener) error { return nil }

var servers = []listener{fake{}, &http.Server{}}

func interfaces(s listener, l net.Listener) {
	go func() {
		seen.Says("hard: interface with a server of another module")
		s.Serve(l)
	}()
}

// A quorum.
func quorum() {
	answers := make(chan int, 3)
	for range 3 {
		go func() {
			seen.Says("hard: quorum")
			if len(answers) > 0 {
				select {}
			}
			answers <- 1
		}()
	}
	for range 2 {
		<-answers
	}
}

func someRounds(n int) {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		seen.Says("hard: waits in a loop of no rounds")
		select {}
	}()
	for range n {
		wg.Wait()
	}
}

func shadows() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		seen.Says("hard: waits for a group of the same name")
		select {}
	}()
	{
		var wg sync.WaitGroup
		wg.Wait()
	}
}

// A group of a struct, whose Wait another method has.
func (s *server) grouped() {
	s.group.Go(func() error {
		seen.Says("hard: errgroup of a struct")
		for f := range s.jobs {
			f()
		}
		return nil
	})
}

func (s *server) Close() error { close(s.jobs); return s.group.Wait() }

// The loop is in what a function returns.
func (s *server) runner() func() error {
	return func() error {
		for f := range s.jobs {
			f()
		}
		return nil
	}
}

func (s *server) group2() {
	g, _ := errgroup.WithContext(context.Background())
	run := s.runner()
	g.Go(func() error {
		seen.Says("hard: group that nobody waits for")
		return run()
	})
}

// A caller's loop starts a goroutine a round, and the last has no end.
func chain(n int, in chan int) {
	go func() {
		seen.Says("hard: chain of goroutines")
		for v := range in {
			if n > 0 {
				_ = v
			}
		}
	}()
}

type visitor interface{ visit() }
type leaf struct{}
type root struct{ kids []visitor }

func (leaf) visit() { select {} }
func (r *root) visit() {
	for _, k := range r.kids {
		k.visit()
	}
}

func tree() {
	r := &root{kids: []visitor{leaf{}, &root{}}}
	go func() {
		seen.Says("hard: one of several implementations")
		r.visit()
	}()
}

// The range ends before the channel does.
func firstError() error {
	errs := make(chan error)
	go func() {
		defer close(errs)
		seen.Says("hard: range that a return ends")
		errs <- context.Canceled
		select {}
	}()
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func hiddenSignal() {
	done := make(chan struct{})
	go func() {
		var once sync.Once
		end := func() { once.Do(func() { close(done) }) }
		defer end()
		seen.Says("hard: closes in a function literal, and goes on")
		end()
		select {}
	}()
	<-done
}

func hiddenGroup(tell func(*sync.WaitGroup) bool) {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		seen.Says("hard: passes the group on, and goes on")
		if tell(&wg) {
			select {}
		}
		defer wg.Done()
	}()
	wg.Wait()
}

func conditionalSignal(fail func(chan<- error) bool) error {
	errs := make(chan error, 2)
	go func() {
		seen.Says("hard: sends in a condition, and goes on")
		if fail(errs) {
			select {}
		}
		errs <- nil
	}()
	return <-errs
}

type dialer struct {
	addr string
	tags []string
}

func (d *dialer) dial(addr string) {
	seen.Says("hard: calls itself with a field")
	time.Sleep(time.Hour)
	d.dial(d.addr)
}

func (d *dialer) each(tag string) {
	seen.Says("hard: calls itself for every element")
	for _, t := range d.tags {
		time.Sleep(time.Hour)
		d.each(t)
	}
}

// Handle starts everything.
func Handle(w http.ResponseWriter, r *http.Request) {
	s := &server{
		jobs: make(chan func()), wake: make(chan struct{}), quit: make(chan struct{}),
		slots: make(chan struct{}), after: map[string]*time.Timer{},
	}
	go resets(func() error { return nil })
	go upwards()
	go many()
	go s.retiring()
	s.mortal()
	s.restart()
	tracked()
	impatient()
	s.shared()
	subscriber(func(f func(string)) { subscribers = append(subscribers, f) })
	handlerOf()(w, r)
	block := make(chan bool)
	go Serve(func(h http.HandlerFunc) { h(w, r); <-block })
	mine, other := net.Pipe()
	go events(mine)
	response(&http.Response{Body: other})
	var out io.Writer
	pipe(&out)
	output(exec.Command("sleep", "0"))
	go s.again()
	go s.periodic()
	s.touch("key")
	go startOnce()
	go iterates(make(chan int))
	hidden(r.Context())
	follow(r.Context())
	for _, srv := range servers {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err == nil {
			interfaces(srv, l)
		}
	}
	quorum()
	someRounds(0)
	shadows()
	s.grouped()
	s.group2()
	chain(1, make(chan int))
	go (&dialer{}).dial("x")
	go (&dialer{tags: []string{"a"}}).each("x")
	_ = firstError()
	hiddenSignal()
	hiddenGroup(func(wg *sync.WaitGroup) bool { wg.Done(); return true })
	_ = conditionalSignal(func(errs chan<- error) bool { errs <- nil; return true })
	tree()
}
