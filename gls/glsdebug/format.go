package glsdebug

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/seed18162548/contextvars/gls"
)

// A form says what the text of a value is.
type form int

const (
	whole  form = iota
	opaque      // its type, because the value must not be read
	stuck       // its type, because its method does not return
)

// A formatter turns the values of visible variables into text, for one request.
type formatter struct {
	ctx     context.Context // of the request
	turn    turn
	visible map[gls.AnyVar]*caller
	stuck   map[gls.AnyVar]bool // those whose methods this request has waited for in vain
}

func newFormatter(ctx context.Context, h *handler) *formatter {
	return &formatter{ctx: ctx, turn: h.turn, visible: h.visible}
}

// shows reports whether values of v are shown.
func (f *formatter) shows(v gls.AnyVar) bool { return f.visible[v] != nil }

// text returns x, a value of v, as text. v must be visible. While text calls
// methods of x, which may take any time, other requests may have the turn.
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

// formed returns the result of the function text as a text and its form.
func formed(s string, ok bool) (string, form) {
	if ok {
		return s, whole
	}
	return s, opaque
}

// A caller calls the methods of one variable's values, one at a time, so a
// method that does not return blocks no more than one request.
type caller struct {
	calling chan struct{} // full during a call
	began   atomic.Int64  // when the call began, in Unix nanoseconds; 0 if none has
}

func newCaller() *caller { return &caller{calling: make(chan struct{}, 1)} }

// callPatience is how long a call may take while another request waits for it.
// Only tests change it.
var callPatience = time.Second

// call calls f, unless another call is in progress and does not end soon.
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

// wait waits until no other call is in progress. It reports whether that was so
// in time.
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
