package glstemporal_test

import (
	"fmt"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/seed18162548/contextvars/contrib/recipes/glstemporal"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// The propagator is for clients and workers, and the interceptor for workers.
func Example() {
	user := gls.New[string]("user")
	vars := glstemporal.Propagator{glsexport.Export(user, "user", glsexport.String())}
	forAll := client.Options{ContextPropagators: []workflow.ContextPropagator{vars}}
	forWorkers := worker.Options{Interceptors: []interceptor.WorkerInterceptor{&glstemporal.Activities{}}}
	fmt.Println(len(forAll.ContextPropagators), len(forWorkers.Interceptors))
	// Output: 1 1
}
