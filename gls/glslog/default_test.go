package glslog_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glslog"
)

// withDefaults calls f and restores the default loggers afterwards.
func withDefaults(f func(initial slog.Handler)) {
	initial, flags := slog.Default(), log.Flags()
	defer func() {
		slog.SetDefault(initial)
		log.SetOutput(os.Stderr)
		log.SetFlags(flags)
	}()
	log.SetFlags(0)
	f(initial.Handler())
}

// wrapping are handlers that know nothing of this package.
type embedding struct{ slog.Handler }

type pointing struct{ next slog.Handler }

func (p *pointing) Enabled(ctx context.Context, l slog.Level) bool { return p.next.Enabled(ctx, l) }
func (p *pointing) Handle(ctx context.Context, r slog.Record) error {
	return p.next.Handle(ctx, r)
}
func (p *pointing) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &pointing{p.next.WithAttrs(attrs)}
}
func (p *pointing) WithGroup(name string) slog.Handler { return &pointing{p.next.WithGroup(name)} }

type fanOut []slog.Handler

func (f fanOut) Enabled(context.Context, slog.Level) bool { return true }
func (f fanOut) WithAttrs([]slog.Attr) slog.Handler       { return f }
func (f fanOut) WithGroup(string) slog.Handler            { return f }
func (f fanOut) Handle(ctx context.Context, r slog.Record) error {
	for _, h := range f {
		if err := h.Handle(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func TestDefaultHandlerThatWrapsItself(t *testing.T) {
	ours := func(h slog.Handler) slog.Handler { return glslog.NewHandler(h, glslog.Attr(requestID)) }
	wrappers := map[string]func(slog.Handler) slog.Handler{
		"alone":            ours,
		"twice":            func(h slog.Handler) slog.Handler { return ours(ours(h)) },
		"With":             func(h slog.Handler) slog.Handler { return ours(h).WithAttrs([]slog.Attr{slog.Int("a", 1)}) },
		"WithGroup":        func(h slog.Handler) slog.Handler { return ours(h).WithGroup("g") },
		"embedded":         func(h slog.Handler) slog.Handler { return embedding{ours(h)} },
		"behind a pointer": func(h slog.Handler) slog.Handler { return &pointing{ours(h)} },
		"in a list":        func(h slog.Handler) slog.Handler { return fanOut{slog.NewJSONHandler(io.Discard, nil), ours(h)} },
		"around others":    func(h slog.Handler) slog.Handler { return ours(&pointing{embedding{h}}) },
	}
	for name, wrap := range wrappers {
		for how, logIt := range map[string]func(){
			"slog.Info":     func() { slog.Info("hello") },
			"slog.With":     func() { slog.With("a", 1).WithGroup("g").Warn("hello") },
			"log.Print":     func() { log.Print("hello") },
			"log.Default()": func() { log.Default().Println("hello") },
			"with a valuer": func() { slog.Info("hello", "x", nosy{}) },
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				withDefaults(func(initial slog.Handler) {
					slog.SetDefault(slog.New(wrap(initial)))
					require.PanicsWithError(t, glslog.ErrDefaultHandler.Error(), logIt)
					require.PanicsWithError(t, glslog.ErrDefaultHandler.Error(), logIt, "no lock is held")
				})
			})
		}
	}
}

func TestDefaultHandlerElsewhereWorks(t *testing.T) {
	var out bytes.Buffer
	wrap := func(h slog.Handler) *slog.Logger { return slog.New(glslog.NewHandler(h, glslog.Attr(requestID))) }
	for name, tt := range map[string]struct {
		prepare func(initial slog.Handler) *slog.Logger
		want    string
	}{
		"not the default": {wrap, "INFO hello request_id=r1\n"},
		"another default": {func(initial slog.Handler) *slog.Logger {
			slog.SetDefault(slog.New(plainJSON(&out)))
			return wrap(initial)
		}, `{"level":"INFO","msg":"INFO hello request_id=r1"}` + "\n"},
		"another output": {func(initial slog.Handler) *slog.Logger {
			l := wrap(initial)
			slog.SetDefault(l)
			log.SetOutput(&out)
			return l
		}, "INFO hello request_id=r1\n"},
		"a log logger of it": {func(initial slog.Handler) *slog.Logger {
			slog.SetDefault(slog.New(plainJSON(&out)))
			return slog.New(printer{slog.NewLogLogger(wrap(initial).Handler(), slog.LevelInfo)})
		}, `{"level":"INFO","msg":"INFO hello request_id=r1"}` + "\n"},
		"over a text handler": {func(slog.Handler) *slog.Logger {
			l := wrap(plainJSON(&out))
			slog.SetDefault(l)
			return l
		}, `{"level":"INFO","msg":"hello","request_id":"r1"}` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			withDefaults(func(initial slog.Handler) {
				out.Reset()
				log.SetOutput(&out)
				l := tt.prepare(initial)
				requestID.With("r1", func() { l.Info("hello") })
				require.Equal(t, tt.want, out.String())
			})
		})
	}
}

// printer is a handler that prints to a log.Logger.
type printer struct{ l *log.Logger }

func (p printer) Enabled(context.Context, slog.Level) bool { return true }
func (p printer) WithAttrs([]slog.Attr) slog.Handler       { return p }
func (p printer) WithGroup(string) slog.Handler            { return p }
func (p printer) Handle(_ context.Context, r slog.Record) error {
	return p.l.Output(0, fmt.Sprint(r.Message))
}
