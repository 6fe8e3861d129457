package glsctx_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glsctx"
)

// own is a context of a type of its own.
type own struct{ context.Context }

// afterFuncer is a context that package context asks to call back.
type afterFuncer struct{ context.Context }

func (afterFuncer) AfterFunc(func()) func() bool { return func() bool { return true } }

func TestExplicit(t *testing.T) {
	background := context.Background()
	cancelled, cancel := context.WithCancel(background)
	defer cancel()
	caused, cancelCause := context.WithCancelCause(context.TODO())
	defer cancelCause(nil)
	timed, cancelTimed := context.WithTimeout(cancelled, time.Hour)
	defer cancelTimed()
	shorter, cancelShorter := context.WithTimeoutCause(timed, time.Minute, errors.New("late"))
	defer cancelShorter()
	under, cancelUnder := context.WithCancel(tagged("a"))
	defer cancelUnder()
	foreign, cancelForeign := context.WithCancel(own{background})
	defer cancelForeign()
	called, cancelCalled := context.WithCancel(afterFuncer{timed})
	defer cancelCalled()
	var none context.Context
	for _, tt := range []struct {
		name string
		ctx  context.Context
		want bool
	}{
		{"nil", none, false},
		{"Background", background, false},
		{"TODO", context.TODO(), false},
		{"WithCancel", cancelled, false},
		{"WithCancelCause", caused, false},
		{"WithTimeout", timed, false},
		{"several", shorter, false},
		{"a value", tagged("a"), true},
		{"a value behind a cancellation", under, true},
		{"a value before a cancellation", context.WithValue(shorter, key{}, "a"), true},
		{"another type", own{background}, true},
		{"another type behind a cancellation", foreign, true},
		{"another type that calls back", called, true},
		{"WithoutCancel", context.WithoutCancel(cancelled), true},
		{"a request of a server", httptest.NewRequest("GET", "/", nil).Context(), false},
	} {
		require.Equal(t, tt.want, glsctx.Explicit(tt.ctx), tt.name)
	}
}

// net/http wraps the context of a request if the client has a Timeout.
func TestExplicitBelowAnHTTPClient(t *testing.T) {
	for name, timeout := range map[string]time.Duration{"with Timeout": time.Minute, "without": 0} {
		var inside, values bool
		c := http.Client{Timeout: timeout, Transport: roundTrip(func(r *http.Request) {
			inside, values = glsctx.Explicit(r.Context()), r.Context().Value(key{}) != nil
		})}
		_, _ = c.Get("http://localhost/") //nolint:bodyclose // there is no response
		require.False(t, inside, name)
		req, err := http.NewRequestWithContext(tagged("a"), "GET", "http://localhost/", nil)
		require.NoError(t, err)
		_, _ = c.Do(req) //nolint:bodyclose // there is no response
		require.True(t, inside && values, name)
	}
}

type roundTrip func(*http.Request)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	f(r)
	return nil, errors.New("not sent")
}

func TestJoinReturnsWhatNeedsNoJoining(t *testing.T) {
	implicit := tagged("implicit")
	var none context.Context
	glsctx.With(implicit, func() {
		for _, ctx := range []context.Context{none, context.Background(), context.TODO()} {
			joined, stop := glsctx.Join(ctx)
			require.Equal(t, implicit, joined)
			stop()
			require.NoError(t, joined.Err())
		}
		explicit, cancel := context.WithCancel(tagged("explicit"))
		defer cancel()
		joined, stop := glsctx.Join(explicit)
		require.Equal(t, explicit, joined)
		stop()
		require.NoError(t, joined.Err())
	})
}

func TestJoinEndsWithTheFirst(t *testing.T) {
	boom := errors.New("boom")
	past := time.Now().Add(-time.Second)
	for _, tt := range []struct {
		name   string
		end    func(implicit, explicit context.CancelCauseFunc, stop func())
		err    error
		cause  error
		expire bool
	}{
		{"the implicit one", func(i, _ context.CancelCauseFunc, _ func()) { i(boom) }, context.Canceled, boom, false},
		{"the explicit one", func(_, e context.CancelCauseFunc, _ func()) { e(boom) }, context.Canceled, boom, false},
		{"stop", func(_, _ context.CancelCauseFunc, stop func()) { stop(); stop() }, context.Canceled, context.Canceled, false},
		{"a deadline", func(_, _ context.CancelCauseFunc, _ func()) {}, context.DeadlineExceeded, context.DeadlineExceeded, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			implicit, cancelImplicit := context.WithCancelCause(tagged("implicit"))
			defer cancelImplicit(nil)
			explicit, cancelExplicit := context.WithCancelCause(context.Background())
			defer cancelExplicit(nil)
			var ctx context.Context
			ctx = explicit
			if tt.expire {
				limited, cancel := context.WithDeadline(explicit, past)
				defer cancel()
				ctx = limited
			}
			glsctx.With(implicit, func() {
				joined, stop := glsctx.Join(ctx)
				defer stop()
				require.Equal(t, "implicit", joined.Value(key{}))
				tt.end(cancelImplicit, cancelExplicit, stop)
				<-joined.Done()
				require.Equal(t, tt.err, joined.Err())
				require.Equal(t, tt.cause, context.Cause(joined))
			})
		})
	}
}

func TestJoinHasTheEarlierDeadline(t *testing.T) {
	early, late := time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
	for _, tt := range []struct{ implicit, explicit time.Time }{{early, late}, {late, early}} {
		implicit, cancel := context.WithDeadline(context.Background(), tt.implicit)
		defer cancel()
		explicit, cancel := context.WithDeadline(context.Background(), tt.explicit)
		defer cancel()
		glsctx.With(implicit, func() {
			joined, stop := glsctx.Join(explicit)
			defer stop()
			got, ok := joined.Deadline()
			require.True(t, ok)
			require.Equal(t, early, got)
		})
	}
}

// A counting is a context that counts what is registered with it.
type counting struct {
	context.Context
	live *atomic.Int64
}

func (c counting) AfterFunc(f func()) func() bool {
	c.live.Add(1)
	stop := context.AfterFunc(c.Context, f)
	return func() bool {
		c.live.Add(-1)
		return stop()
	}
}

// Value hides that there is a context of package context behind, with which it
// would register without asking.
func (counting) Value(any) any { return nil }

// An implicit context of long life holds nothing that was joined with it and
// has ended, even if nobody calls stop.
func TestJoinHoldsNothingThatHasEnded(t *testing.T) {
	parent, cancelParent := context.WithCancel(tagged("implicit"))
	defer cancelParent()
	implicit := counting{parent, new(atomic.Int64)}
	glsctx.With(implicit, func() {
		for i := 0; i < 100; i++ {
			explicit, cancel := context.WithTimeout(context.Background(), time.Hour)
			joined, stop := glsctx.Join(explicit)
			require.Positive(t, implicit.live.Load())
			if i%2 == 0 {
				stop()
			}
			cancel()
			<-joined.Done()
		}
		require.Eventually(t, func() bool { return implicit.live.Load() == 0 }, 10*time.Second, time.Millisecond)
	})
}
