package contender

import (
	"context"

	"github.com/seed18162548/contextvars/gls"
)

// A link is a value that says which variable is read next.
type link struct {
	x    int
	next *gls.Var[*link]
}

var linked = gls.New[*link]("linked")

// latencyGLS is the Case of Gets of which each needs the result of the one
// before.
func latencyGLS(vars int) Case {
	return func(run func(Loop)) {
		defer linked.Set(&link{Value(0), linked}).Reset()
		bindOthers(vars-1, func() {
			run(func(n int) {
				v, sum := linked, 0
				for i := 0; i < n; i++ {
					l := v.Get()
					sum += l.x
					v = l.next
				}
				Keep(sum)
			})
		})
	}
}

// A contextLink is a value that says which key is looked up next.
type contextLink struct {
	x    int
	next any
}

func followContext(ctx context.Context, key any, n int) {
	sum := 0
	for i := 0; i < n; i++ {
		l := ctx.Value(key).(*contextLink)
		sum += l.x
		key = l.next
	}
	Keep(sum)
}
