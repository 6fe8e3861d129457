package tame

import (
	"context"
	"strings"
	"sync"
	"time"

	"example.com/lives/seen"
)

// Counters that get there.
func (s *shop) reverse(a []string) {
	go func() {
		seen.Says("tame: from both ends to the middle +")
		for i, j := 0, len(a)-1; i < j; i, j = i+1, j-1 {
			a[i], a[j] = a[j], a[i]
			s.note(a[i])
		}
	}()
}

func (s *shop) countdown(n int) {
	go func() {
		seen.Says("tame: counts down +")
		for n > 0 {
			time.Sleep(time.Microsecond)
			n--
		}
	}()
}

func (s *shop) halves(n int) {
	go func() {
		seen.Says("tame: halves a number +")
		for ; n > 1; n = n / 2 {
			s.note("n")
		}
	}()
}

func (s *shop) delays() {
	go func() {
		seen.Says("tame: until the delay is long +")
		for d := time.Microsecond; d < 5*time.Second; d *= 8 {
			s.note(d.String())
		}
	}()
}

func (s *shop) strides(a []string) {
	go func() {
		seen.Says("tame: in strides, with a continue +")
		for i := 0; i < len(a); i += 2 {
			if a[i] == "" {
				continue
			}
			s.note(a[i])
		}
	}()
}

func (s *shop) switches(a []string) {
	go func() {
		seen.Says("tame: steps in every case of a switch +")
		for i := 0; i < len(a); {
			switch {
			case strings.HasPrefix(a[i], "-"):
				s.note("flag")
				i++
			case a[i] == "stop":
				return
			default:
				s.note("word")
				i += 2
			}
		}
	}()
}

func (s *shop) whichDeadline(slow bool) {
	go func() {
		seen.Says("tame: until one of two times +")
		end := time.Now().Add(time.Millisecond)
		if slow {
			end = end.Add(time.Millisecond)
		}
		for time.Now().Before(end) {
			time.Sleep(time.Millisecond / 10)
			s.note("tick")
		}
	}()
}

// Functions that are given.
func all(fs ...func()) {
	for _, f := range fs {
		f()
	}
}

func (s *shop) several() {
	go func() {
		seen.Says("tame: functions that are given +")
		all(func() { s.note("a") }, func() { s.note("b") })
	}()
}

type notifier interface{ notify(s *shop) }

type byMail struct{}

func (byMail) notify(s *shop) { s.note("mail") }

func notifies[T notifier](s *shop, t T) { t.notify(s) }

func (s *shop) constrained() {
	go func() {
		seen.Says("tame: method of a type parameter +")
		notifies(s, byMail{})
	}()
}

// The interface is one that an embedded type of the program has.
type base struct{}

func (*base) notify(s *shop) { s.note("base") }

type derived struct{ *base }

func (s *shop) embedded(n notifier) {
	go func() {
		seen.Says("tame: method by embedding +")
		n.notify(s)
	}()
}

func work(wg *sync.WaitGroup, s *shop, id string) {
	defer wg.Done()
	seen.Says("tame: worker that is given the group +")
	s.note(id)
}

func (s *shop) given(ids ...string) {
	go func() {
		seen.Says("tame: waits for workers that are given the group +")
		var wg sync.WaitGroup
		for _, id := range ids {
			wg.Add(1)
			go work(&wg, s, id)
		}
		wg.Wait()
	}()
}

// Both ways of closing are on the way out.
func (s *shop) either(ctx context.Context, fast bool) error {
	done := make(chan struct{})
	go func() {
		seen.Says("tame: closed on both ways +")
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	err := s.mailer.mail(ctx, "x")
	close(done)
	if err != nil && !fast {
		return err
	}
	return nil
}

// Nothing is known of what the workers call, but they are waited for, and only
// then is the channel of the collector closed.
func (s *shop) collector(unknown []func() error) {
	errs := make(chan error)
	go func() {
		seen.Says("tame: collector of errors +")
		for err := range errs {
			if err != nil {
				s.note("error")
			}
		}
	}()
	var wg sync.WaitGroup
	for i := range unknown {
		wg.Add(1)
		go func() {
			defer wg.Done()
			seen.Says("tame: worker that does something unknown +")
			errs <- unknown[i]()
		}()
	}
	wg.Wait()
	close(errs)
}

// A function that says whether there is something to do sets no flag.
func (s *shop) wanted(o *order) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sold == nil {
		return false
	}
	return o.id != ""
}

func (s *shop) ifWanted(o *order) {
	if !s.wanted(o) {
		return
	}
	go func() {
		seen.Says("tame: if a function says so +")
		s.note(o.id)
	}()
}

func (s *shop) odd(ctx context.Context) {
	words := []string{"a", "-b", "c", "d", "stop"}
	s.reverse(append([]string(nil), words...))
	s.countdown(3)
	s.halves(9)
	s.delays()
	s.strides(words)
	s.switches(words)
	s.whichDeadline(true)
	s.several()
	s.constrained()
	s.embedded(derived{&base{}})
	s.given("a", "b")
	_ = s.either(ctx, true)
	s.ifWanted(&order{id: "1"})
	s.collector([]func() error{func() error { return nil }, ctx.Err})
}
