package glsredis

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// maxNames is the maximum number of names in the line of a pipeline.
const maxNames = 5

// logCommand logs a slow command. bad is nil unless the command failed.
func (h *hook) logCommand(ctx context.Context, d time.Duration, cmd redis.Cmder, bad error) {
	attrs := []slog.Attr{slog.Duration("duration", d), slog.String("command", nameOf(cmd))}
	if h.args {
		attrs = append(attrs, slog.Any("args", texts(cmd)))
	}
	h.log(ctx, "slow command", attrs, bad)
}

// logPipeline logs a slow pipeline. bad is nil unless a command failed.
func (h *hook) logPipeline(ctx context.Context, d time.Duration, cmds []redis.Cmder, bad error) {
	names := make([]string, 0, maxNames+1)
	for i, cmd := range cmds {
		if i == maxNames {
			names = append(names, "…")
			break
		}
		names = append(names, nameOf(cmd))
	}
	attrs := []slog.Attr{
		slog.Duration("duration", d), slog.Int("commands", len(cmds)), slog.String("command", strings.Join(names, " ")),
	}
	if h.args {
		var args [][]string
		for _, cmd := range cmds {
			if !internal(cmd) {
				args = append(args, texts(cmd))
			}
		}
		attrs = append(attrs, slog.Any("args", args))
	}
	h.log(ctx, "slow pipeline", attrs, bad)
}

// texts returns the arguments of cmd as text, because a logger may write them
// later, after the program has changed them.
func texts(cmd redis.Cmder) []string {
	words := make([]string, len(cmd.Args()))
	for i, arg := range cmd.Args() {
		if b, ok := arg.([]byte); ok {
			words[i] = string(b)
		} else {
			words[i] = fmt.Sprint(arg)
		}
	}
	return words
}

// log logs a line with attrs.
func (h *hook) log(ctx context.Context, text string, attrs []slog.Attr, bad error) {
	counters.slow.Add(1)
	if bad != nil {
		attrs = append(attrs, slog.Bool("failed", true))
		if h.args {
			attrs = append(attrs, slog.String("error", bad.Error()))
		}
	}
	logger := h.slow.logger
	if logger == nil {
		logger = h.slow.withVars(slog.Default())
	}
	logger.LogAttrs(ctx, slog.LevelWarn, text, attrs...)
}
