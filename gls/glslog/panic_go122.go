//go:build go1.22

package glslog

import "log/slog"

// safe returns v, because handlers of package slog recover its panics. See
// panic_go121.go.
func safe(v slog.Value) slog.Value { return v }
