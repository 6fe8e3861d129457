package contender

import (
	"context"
	"log/slog"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glslog"
)

// A LogLine is a log line with a request ID and a tenant, as JSON that is
// thrown away: given explicitly with each line, or added by the adapter.
type LogLine struct {
	Name  string // of the logger, and of what is special
	About string
	// Most is what the adapter's line may cost, as a multiple of the other.
	Most float64
	// MoreAllocs is how many allocations more it may take.
	MoreAllocs     float64
	Explicit, Ours Case
}

// Who is what log lines say: the values and the variables that have them.
var (
	LogID     = gls.New[string]("request_id")
	LogTenant = gls.New[string]("tenant")
)

// Fields returns the values. The strings are made at run time.
func Fields() (id, tenant string) {
	letters := []byte("0198f1c2-aaaa-7bbb-8ccc-0123456789ab acme")
	return string(letters[:36]), string(letters[37:])
}

// Explicitly is the Case of a line that is given both values.
func Explicitly(line func(id, tenant string)) Case {
	return func(run func(Loop)) {
		id, tenant := Fields()
		run(func(n int) {
			for i := 0; i < n; i++ {
				line(id, tenant)
			}
		})
	}
}

// Bound is the Case of a line that is written while both variables are bound.
func Bound(line func()) Case {
	return func(run func(Loop)) {
		id, tenant := Fields()
		gls.With(func() {
			run(func(n int) {
				for i := 0; i < n; i++ {
					line()
				}
			})
		}, LogID.Bind(id), LogTenant.Bind(tenant))
	}
}

// SlogLines returns the lines of log/slog.
func SlogLines() []LogLine {
	ctx := context.Background()
	plain := slog.New(jsonLogs())
	ours := slog.New(glslog.NewHandler(jsonLogs(), glslog.Attr(LogID), glslog.Attr(LogTenant)))
	group := func(l *slog.Logger) *slog.Logger { return l.With("a", 1).WithGroup("g").With("b", 2) }
	explicit := func(l *slog.Logger) Case {
		return Explicitly(func(id, tenant string) {
			l.LogAttrs(ctx, slog.LevelInfo, "message", slog.Int("k", 1), slog.String("request_id", id), slog.String("tenant", tenant))
		})
	}
	bound := func(l *slog.Logger) Case {
		return Bound(func() { l.LogAttrs(ctx, slog.LevelInfo, "message", slog.Int("k", 1)) })
	}
	return []LogLine{
		{"slog", "`log/slog`, JSON", 1.15, 0, explicit(plain), bound(ours)},
		{"slog-group", "… in a group", 1.15, 0, explicit(group(plain)), bound(group(ours))},
		{"slog-requests", "… in a group, requests with new values and 20 lines", 1.15, logLines, requests(group(plain), true), requests(group(ours), false)},
	}
}

// requests is the Case of requests that write 20 lines each with l: the values
// are new ones for each.
func requests(l *slog.Logger, explicit bool) Case {
	return func(run func(Loop)) {
		_, tenant := Fields()
		ids := make([]string, 1000)
		for i := range ids {
			ids[i] = string(append([]byte("0198f1c2-aaaa-7bbb-8ccc-000000000"), byte('0'+i/100), byte('0'+i/10%10), byte('0'+i%10)))
		}
		ctx, next := context.Background(), 0
		request := func() {
			id := ids[next%len(ids)]
			next++
			if explicit {
				for i := 0; i < logLines; i++ {
					l.LogAttrs(ctx, slog.LevelInfo, "message", slog.Int("k", 1), slog.String("request_id", id), slog.String("tenant", tenant))
				}
				return
			}
			defer LogID.Set(id).Reset()
			defer LogTenant.Set(tenant).Reset()
			for i := 0; i < logLines; i++ {
				l.LogAttrs(ctx, slog.LevelInfo, "message", slog.Int("k", 1))
			}
		}
		gls.Isolate(func() {
			run(func(n int) {
				for i := 0; i < n; i++ {
					request()
				}
			})
		})
	}
}
