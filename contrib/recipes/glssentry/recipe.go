// Package glssentry is a recipe: Sentry's hub and scope belong to the
// goroutine, and those that it spawns get a scope of their own; variables are
// tags of every event.
package glssentry

import (
	"fmt"

	"github.com/getsentry/sentry-go"

	"github.com/seed18162548/contextvars/gls"
)

var hub = gls.New("sentry.hub", gls.DefaultFunc(sentry.CurrentHub), gls.OnFork((*sentry.Hub).Clone))

// Hub returns the hub of the goroutine, else sentry.CurrentHub, which all
// share.
func Hub() *sentry.Hub { return hub.Get() }

// WithScope calls f with a clone of the hub for the goroutine's own. What f
// sets on its scope is on events that f captures through [Hub], also in
// goroutines that it starts through package spawn, and on no others.
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
