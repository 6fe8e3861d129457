//go:build !race

package gls_test

import "github.com/seed18162548/contextvars/internal/registry"

// raceEnabled reports whether every operation is slow, as under the race
// detector.
const raceEnabled = registry.Checking
