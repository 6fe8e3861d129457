package glsdebug

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/seed18162548/contextvars/gls"
)

// A form says what there is of a value in words.
type form int

const (
	whole  form = iota
	opaque      // its type, for nothing else may be looked at
	stuck       // its type, because its method does not return
)

// A formatter turns the values of visible variables into text, for one request.
type formatter struct {
	ctx     context.Context // of the request
	turn    turn
	visible map[gls.AnyVar]*caller
	stuck   map[gls.AnyVar]bool // those that this request has waited for in vain
}

func newFormatter(ctx context.Context, h *handler) *formatter {
	return &formatter{ctx: ctx, turn: h.turn, visible: h.visible}
}

// shows reports whether values of v are shown.
func (f *formatter) shows(v gls.AnyVar) bool { return f.visible[v] != nil }

// text returns x, a value of v, in words. v must be visible. Methods of x are
// called while others have their turns: they may take as long as they like.
func (f *formatter) text(v gls.AnyVar, x any) (s string, how form) {
	if !runsCode(x) {
		return formed(text(x))
	}
	how = stuck
	if !f.stuck[v] {
		f.turn.aside(func() {
			f.visible[v].call(f.ctx, func() { s, how = formed(text(x)) })
		})
	}
	if how == stuck {
		s = fmt.Sprintf("%T", x)
		if f.stuck == nil {
			f.stuck = make(map[gls.AnyVar]bool)
		}
		f.stuck[v] = true
	}
	return s, how
}

// formed adds to the result of text what it means.
func formed(s string, ok bool) (string, form) {
	if ok {
		return s, whole
	}
	return s, opaque
}

// A caller calls the methods of one variable's values, of one at a time: if one
// does not return, no second request is lost to it.
type caller struct {
	calling chan struct{} // full during a call
	began   atomic.Int64  // when the call began, in Unix nanoseconds; 0 if none has
}

func newCaller() *caller { return &caller{calling: make(chan struct{}, 1)} }

// callPatience is how long a call may take while another request waits for it.
// Only tests change it.
var callPatience = time.Second

// call calls f, unless another call is going on, and does not end soon.
func (c *caller) call(ctx context.Context, f func()) {
	select {
	case c.calling <- struct{}{}:
	default:
		if !c.wait(ctx) {
			return
		}
	}
	defer func() {
		c.began.Store(0)
		<-c.calling
	}()
	c.began.Store(time.Now().UnixNano())
	f()
}

// wait waits for the turn to call. It reports whether that has come.
func (c *caller) wait(ctx context.Context) bool {
	left := callPatience
	if began := c.began.Load(); began != 0 {
		left -= time.Since(time.Unix(0, began))
	}
	if left <= 0 {
		return false
	}
	patience := time.NewTimer(left)
	defer patience.Stop()
	select {
	case c.calling <- struct{}{}:
		return true
	case <-patience.C:
		return false
	case <-ctx.Done():
		return false
	}
}
