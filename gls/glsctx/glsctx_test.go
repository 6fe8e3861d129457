package glsctx_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/internal/registry/registrytest"
	"github.com/seed18162548/contextvars/spawn"
)

type key struct{}

func tagged(tag string) context.Context { return context.WithValue(context.Background(), key{}, tag) }

func TestCurrentIsBackgroundWhereNothingIsBound(t *testing.T) {
	require.Equal(t, context.Background(), glsctx.Current())
	before := registrytest.Now()
	_ = glsctx.Current()
	require.Empty(t, before.New(), "reading makes no state")
}

func TestWithBindsAndRestores(t *testing.T) {
	outer, inner := tagged("outer"), tagged("inner")
	glsctx.With(outer, func() {
		require.Equal(t, outer, glsctx.Current())
		glsctx.With(inner, func() { require.Equal(t, inner, glsctx.Current()) })
		require.Equal(t, outer, glsctx.Current())

		require.PanicsWithValue(t, "boom", func() { glsctx.With(inner, func() { panic("boom") }) })
		require.Equal(t, outer, glsctx.Current(), "restored after a panic")
	})
	require.Equal(t, context.Background(), glsctx.Current())
}

func TestWithRestoresOnGoexit(t *testing.T) {
	after := make(chan context.Context, 1)
	go func() {
		defer func() { after <- glsctx.Current() }()
		glsctx.With(tagged("x"), runtime.Goexit)
	}()
	require.Equal(t, context.Background(), <-after)
}

func TestMisusePanics(t *testing.T) {
	var none context.Context
	for name, f := range map[string]func(){
		"With": func() { glsctx.With(none, func() {}) },
		"Bind": func() { glsctx.Bind(none) },
	} {
		func() {
			defer func() {
				err, _ := recover().(error)
				require.ErrorIs(t, err, glsctx.ErrNilContext)
				require.Regexp(t, `^glsctx: context is nil: glsctx\.`+name+` called by goroutine \d+$`, err.Error())
			}()
			f()
		}()
	}
	defer func() {
		err, _ := recover().(error)
		require.ErrorIs(t, err, gls.ErrNilFunc)
		require.Equal(t, context.Background(), glsctx.Current())
	}()
	glsctx.With(tagged("x"), nil)
}

// A wrapper that is not comparable: == between two of them would panic.
type uncomparable struct {
	context.Context
	_ []int
}

func TestOr(t *testing.T) {
	implicit, explicit := tagged("implicit"), tagged("explicit")
	var none context.Context
	for _, tt := range []struct {
		name string
		in   context.Context
		want context.Context
	}{
		{"nil", none, implicit},
		{"Background", context.Background(), implicit},
		{"TODO", context.TODO(), implicit},
		{"explicit", explicit, explicit},
		{"derived from Background", context.WithoutCancel(context.Background()), context.WithoutCancel(context.Background())},
	} {
		t.Run(tt.name, func(t *testing.T) {
			glsctx.With(implicit, func() { require.Equal(t, tt.want, glsctx.Or(tt.in)) })
		})
	}
	t.Run("not comparable", func(t *testing.T) {
		ctx := uncomparable{Context: explicit}
		glsctx.With(implicit, func() { require.Equal(t, ctx, glsctx.Or(ctx)) })
	})
	require.Equal(t, context.Background(), glsctx.Or(none), "nothing explicit, nothing implicit")
}

func TestBindGoesWithOtherBindings(t *testing.T) {
	user := gls.New[string]("user")
	gls.With(func() {
		require.Equal(t, "x", glsctx.Current().Value(key{}))
		require.Equal(t, "ann", user.Get())
	}, glsctx.Bind(tagged("x")), user.Bind("ann"))
}

func TestDeadlineAndCancellationOfTheEdgeHold(t *testing.T) {
	deadline := time.Now().Add(time.Hour)
	edge, cancel := context.WithDeadlineCause(context.Background(), deadline, errors.New("slow"))
	defer cancel()
	glsctx.With(edge, func() {
		narrow, stop := context.WithTimeout(glsctx.Current(), 2*time.Hour)
		defer stop()
		glsctx.With(narrow, func() {
			d, ok := glsctx.Current().Deadline()
			require.True(t, ok)
			require.Equal(t, deadline, d, "a later deadline does not extend the edge's")

			task := spawn.Start(func() (error, error) {
				<-glsctx.Current().Done()
				return glsctx.Current().Err(), nil
			})
			cancel()
			err, _ := task.Wait()
			require.ErrorIs(t, err, context.Canceled)

			kept := context.WithoutCancel(glsctx.Current())
			require.NoError(t, kept.Err())
		})
	})
}

func TestPlainGoroutineSeesNothing(t *testing.T) {
	seen := make(chan context.Context)
	glsctx.With(tagged("x"), func() {
		go func() { seen <- glsctx.Current() }()
		require.Equal(t, context.Background(), <-seen)
	})
}

func TestReadingAllocatesNothing(t *testing.T) {
	ctx := tagged("x")
	glsctx.With(ctx, func() {
		require.Zero(t, testing.AllocsPerRun(100, func() { _ = glsctx.Current() }))
		require.Zero(t, testing.AllocsPerRun(100, func() { _ = glsctx.Or(context.Background()) }))
	})
}
