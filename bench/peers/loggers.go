package main

import (
	"io"
	"time"

	"github.com/rs/zerolog"
	"github.com/sirupsen/logrus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/seed18162548/contextvars/bench/internal/contender"
	"github.com/seed18162548/contextvars/contrib/glslogrus"
	"github.com/seed18162548/contextvars/contrib/glszap"
	"github.com/seed18162548/contextvars/contrib/glszerolog"
)

// logLines returns the log lines that are compared, each with its twin.
func logLines() []contender.LogLine {
	return append(contender.SlogLines(), append(zapLines(), zerologLine(), logrusLine())...)
}

func withVariables() zap.Option {
	return glszap.With(glszap.Attr(contender.LogID), glszap.Attr(contender.LogTenant))
}

// zapCore writes as zap.NewProduction does, to nowhere.
func zapCore() zapcore.Core {
	return zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(io.Discard), zap.InfoLevel)
}

func zapLines() []contender.LogLine {
	sampled := zapcore.NewSamplerWithOptions(zapCore(), time.Hour, 1<<62, 0) // drops nothing
	namespace := func(l *zap.Logger) *zap.Logger { return l.With(zap.Namespace("ns"), zap.Int("b", 2)) }
	line := func(name, about string, core zapcore.Core, derive func(*zap.Logger) *zap.Logger) contender.LogLine {
		plain, ours := derive(zap.New(core)), derive(zap.New(core, withVariables()))
		return contender.LogLine{Name: name, About: about, Most: 1.3, MoreAllocs: 1,
			Explicit: contender.Explicitly(func(id, tenant string) {
				plain.Info("message", zap.Int("k", 1), zap.String("request_id", id), zap.String("tenant", tenant))
			}),
			Ours: contender.Bound(func() { ours.Info("message", zap.Int("k", 1)) }),
		}
	}
	same := func(l *zap.Logger) *zap.Logger { return l }
	return []contender.LogLine{
		line("zap", "zap, JSON", zapCore(), same),
		line("zap-namespace", "… in a namespace", zapCore(), namespace),
		line("zap-sampler", "… behind a sampler that drops nothing", sampled, same),
	}
}

// unwrittenLines returns lines of zap that are not written, with and without
// variables: sampled away, and of a level that is not enabled.
func unwrittenLines() (sampled, disabled [2]contender.Case) {
	for i, opts := range [][]zap.Option{{withVariables()}, nil} {
		away := zap.New(zapcore.NewSamplerWithOptions(zapCore(), time.Hour, 1, 0), opts...)
		off := zap.New(zapCore(), opts...)
		sampled[i] = contender.Bound(func() { away.Info("message", zap.Int("k", 1)) })
		disabled[i] = contender.Bound(func() { off.Debug("message", zap.Int("k", 1)) })
	}
	return sampled, disabled
}

func zerologLine() contender.LogLine {
	plain := zerolog.New(io.Discard).With().Timestamp().Logger()
	ours := plain.Hook(glszerolog.NewHook(glszerolog.Attr(contender.LogID), glszerolog.Attr(contender.LogTenant)))
	return contender.LogLine{Name: "zerolog", About: "zerolog", Most: 1.2,
		Explicit: contender.Explicitly(func(id, tenant string) {
			plain.Info().Int("k", 1).Str("request_id", id).Str("tenant", tenant).Msg("message")
		}),
		Ours: contender.Bound(func() { ours.Info().Int("k", 1).Msg("message") }),
	}
}

func logrusLine() contender.LogLine {
	logger := func() *logrus.Logger {
		l := logrus.New()
		l.SetOutput(io.Discard)
		l.SetFormatter(new(logrus.JSONFormatter))
		return l
	}
	plain, ours := logger(), logger()
	ours.AddHook(glslogrus.NewHook(glslogrus.Attr(contender.LogID), glslogrus.Attr(contender.LogTenant)))
	return contender.LogLine{Name: "logrus", About: "logrus, JSON", Most: 1.2, MoreAllocs: 1,
		Explicit: contender.Explicitly(func(id, tenant string) {
			plain.WithFields(logrus.Fields{"k": 1, "request_id": id, "tenant": tenant}).Info("message")
		}),
		Ours: contender.Bound(func() { ours.WithFields(logrus.Fields{"k": 1}).Info("message") }),
	}
}
