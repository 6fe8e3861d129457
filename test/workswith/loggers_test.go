package workswith_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	"github.com/stretchr/testify/require"
	"k8s.io/klog/v2"

	"github.com/seed18162548/contextvars/gls/glslog"
)

// requireLines has goroutines log at the same time, and requires that every
// line names the user of the goroutine that wrote it.
func requireLines(t *testing.T, log func(msg string), text func() string) {
	t.Helper()
	const writers, lines = 8, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for l := range lines {
				name := fmt.Sprintf("writer-%d-%d", w, l)
				user.With(name, func() { log("by-" + name) })
			}
		})
	}
	wg.Wait()
	written := strings.Split(strings.TrimSpace(text()), "\n")
	require.Len(t, written, writers*lines)
	for _, line := range written {
		_, name, found := strings.Cut(line, "by-")
		require.True(t, found, line)
		name, _, _ = strings.Cut(name, `"`)
		name, _, _ = strings.Cut(name, ` `)
		require.True(t, strings.Contains(line, "user="+name+" ") || strings.HasSuffix(line, "user="+name) ||
			strings.Contains(line, `"user"="`+name+`"`), line)
	}
}

func bound(w *bytes.Buffer) slog.Handler {
	return glslog.NewHandler(slog.NewTextHandler(w, nil), glslog.Attr(user))
}

func TestLogrOverSlog(t *testing.T) {
	var w bytes.Buffer
	l := logr.FromSlogHandler(bound(&w)).WithName("x").WithValues("k", "v")
	requireLines(t, func(msg string) { l.Info(msg) }, w.String)
}

func TestLogrFuncr(t *testing.T) {
	var (
		mu sync.Mutex
		w  strings.Builder // guarded by mu
	)
	l := funcr.New(func(_, args string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(&w, args)
	}, funcr.Options{RenderBuiltinsHook: func(kv []any) []any {
		if x, ok := user.Lookup(); ok {
			kv = append(kv, "user", x)
		}
		return kv
	}})
	requireLines(t, func(msg string) { l.Info(msg) }, w.String)
}

func TestKlog(t *testing.T) {
	var w bytes.Buffer
	klog.SetSlogLogger(slog.New(bound(&w)))
	defer klog.ClearLogger()
	requireLines(t, func(msg string) { klog.InfoS(msg) }, w.String)
	w.Reset()
	requireLines(t, func(msg string) { klog.Infof("%s", msg) }, w.String)
}
