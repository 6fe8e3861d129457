package glsriver_test

import (
	"fmt"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/seed18162548/contextvars/contrib/recipes/glsriver"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// The middleware serves both ends: what inserts jobs, and what works them.
func Example() {
	user := gls.New[string]("user")
	config := river.Config{Middleware: []rivertype.Middleware{&glsriver.Middleware{
		Vars: []glsexport.Exported{glsexport.Export(user, "user", glsexport.String())},
	}}}
	fmt.Println(len(config.Middleware))
	// Output: 1
}
