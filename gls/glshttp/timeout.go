package glshttp

import (
	"context"
	"net/http"
	"time"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsctx"
)

// TimeoutHandler is like [http.TimeoutHandler] but h sees the bindings of the
// request, although http.TimeoutHandler runs h on another goroutine. Everything
// else is the same: h's context ends at the deadline, the client then gets 503
// with msg, writes of h fail with [http.ErrHandlerTimeout], and panics of h are
// passed on to the caller.
//
// h runs in a copy of the current Context. What h sets is invisible outside,
// where code may go on after a timeout while h still runs. The copy is
// complete; spawn policies do not apply, because h serves the same request and
// the caller waits for it. After a timeout h may therefore still use the value
// of a variable made with gls.NoInherit, such as a transaction: only h should
// roll it back. Variables that are unbound outside and that h leaves bound are
// counted as leaks, as [Handler] counts them. Put Handler outside of
// TimeoutHandler, not inside.
//
// If package glsctx has an implicit context, h gets one derived from it with
// the deadline. TimeoutHandler panics if h is nil.
func TimeoutHandler(h http.Handler, dt time.Duration, msg string) http.Handler {
	mustHandler("TimeoutHandler", h)
	return capture{http.TimeoutHandler(rejoin{h}, dt, msg)}
}

// capturedKey is the key of the captured *gls.Context in the context of a
// request on its way from capture to rejoin.
type capturedKey struct{}

// capture hands the current bindings on to rejoin.
type capture struct{ next http.Handler }

func (h capture) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := context.WithValue(r.Context(), capturedKey{}, gls.CopyContext())
	h.next.ServeHTTP(w, r.WithContext(ctx))
}

// rejoin runs its handler in a copy of what capture passed on.
type rejoin struct{ next http.Handler }

func (h rejoin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	before := r.Context().Value(capturedKey{}).(*gls.Context)
	c := before.Copy()
	defer func() { counters.leaks.Add(glsadapter.Leftover(c, before)) }()
	c.Run(func() {
		deadline, ok := r.Context().Deadline()
		implicit := glsctx.Current()
		if !ok || implicit == context.Background() {
			h.next.ServeHTTP(w, r)
			return
		}
		ctx, cancel := context.WithDeadline(implicit, deadline)
		defer cancel()
		glsctx.With(ctx, func() { h.next.ServeHTTP(w, r) })
	})
}
