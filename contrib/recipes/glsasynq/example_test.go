package glsasynq_test

import (
	"context"
	"fmt"

	"github.com/hibiken/asynq"

	"github.com/seed18162548/contextvars/contrib/recipes/glsasynq"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// In a program, Enqueue of a client takes the task, and a server calls mux.
func Example() {
	user := gls.New[string]("user")
	vars := []glsexport.Exported{glsexport.Export(user, "user", glsexport.String())}
	mux := asynq.NewServeMux()
	mux.Use(glsasynq.Middleware(vars...))
	mux.HandleFunc("greet", func(context.Context, *asynq.Task) error {
		fmt.Println("from", user.Get())
		return nil
	})

	defer user.Set("ann").Reset()
	task := glsasynq.NewTask("greet", nil, vars)
	if err := mux.ProcessTask(context.Background(), task); err != nil {
		fmt.Println(err)
	}
	// Output: from ann
}
