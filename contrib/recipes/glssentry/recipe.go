// Package glssentry is a recipe for Sentry. The hub and its scope belong to the
// goroutine, goroutines that it spawns get their own scope, and variables are
// tags of every event.
package glssentry

import (
	"fmt"

	"github.com/getsentry/sentry-go"

	"github.com/seed18162548/contextvars/gls"
)

var hub = gls.New("sentry.hub", gls.DefaultFunc(sentry.CurrentHub), gls.OnFork((*sentry.Hub).Clone))

// Hub returns the hub of the goroutine or, if it has none, sentry.CurrentHub,
// which all goroutines share.
func Hub() *sentry.Hub { return hub.Get() }

// WithScope calls f with a clone of the hub as the goroutine's hub. What f sets
// on the scope applies to events that f, and goroutines that it starts through
// package spawn, capture through [Hub], and to no others.
func WithScope(f func(*sentry.Scope)) {
	h := Hub().Clone()
	hub.With(h, func() { f(h.Scope()) })
}

// Tag returns an event processor, for Scope.AddEventProcessor, that tags every
// event with v if it is bound in the goroutine that captures.
func Tag[T any](v *gls.Var[T]) sentry.EventProcessor {
	return func(e *sentry.Event, _ *sentry.EventHint) *sentry.Event {
		if x, ok := v.Lookup(); ok {
			if e.Tags == nil {
				e.Tags = make(map[string]string)
			}
			e.Tags[v.Name()] = fmt.Sprint(x)
		}
		return e
	}
}
