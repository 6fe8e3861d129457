package glssentry_test

import (
	"fmt"

	"github.com/getsentry/sentry-go"

	"github.com/seed18162548/contextvars/contrib/recipes/glssentry"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// Events that a request's goroutines capture through Hub have what its scope
// has, and the variable as a tag.
func Example() {
	user := gls.New[string]("user")
	defer user.Set("ann").Reset()
	glssentry.WithScope(func(scope *sentry.Scope) {
		scope.AddEventProcessor(glssentry.Tag(user))
		var wg spawn.WaitGroup
		wg.Go(func() {
			event := glssentry.Hub().Scope().ApplyToEvent(sentry.NewEvent(), nil, nil)
			fmt.Println(event.Tags["user"])
		})
		wg.Wait()
	})
	// Output: ann
}
