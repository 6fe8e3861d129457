package glsdebug_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glsdebug"
	"github.com/seed18162548/contextvars/internal/goroutine"
)

const trace = `goroutine 1 [running]:
main.main()
	/src/with space: and colon/main.go:17 +0x1d

goroutine 18 gp=0xc000002380 m=nil [chan receive, 5 minutes, locked to thread]:
runtime.gopark(0x1, {0xc000100000, 0xdeadbeef}, ...)
	/go/src/runtime/proc.go:398 +0xce fp=0xc00004a748 sp=0xc00004a728 pc=0x43e1ee
net/http.(*conn).serve(0x736563726574, {0x1, 0x2})
	/go/src/net/http/server.go:1 +0x1
...additional frames elided...
created by net/http.(*Server).Serve in goroutine 7
	/go/src/net/http/server.go:3086 +0x5cb

goroutine 19 [select, labels: {"tenant":"acme] [x"}]:
main.generic[...](...)
	/src/a.go:2
created by main.main
	/src/a.go:1 +0x1

goroutine x [broken]:
main.f()
	/src/a.go:2 +0x1
`

func TestParseTrace(t *testing.T) {
	list := glsdebug.ParseTrace([]byte(trace))
	require.Len(t, list, 3)

	require.EqualValues(t, 1, list[0].ID)
	require.Equal(t, "running", list[0].State)
	require.Equal(t, "main.main", list[0].Frames[0].Func)
	require.Equal(t, "/src/with space: and colon/main.go", list[0].Frames[0].File)
	require.Equal(t, "17", list[0].Frames[0].Line)
	require.Nil(t, list[0].Created)

	require.EqualValues(t, 18, list[1].ID)
	require.Equal(t, "chan receive", list[1].State)
	require.Len(t, list[1].Frames, 2)
	require.Equal(t, "/go/src/runtime/proc.go", list[1].Frames[0].File)
	require.Equal(t, "net/http.(*conn).serve", list[1].Frames[1].Func, "without the arguments")
	require.Equal(t, "net/http.(*Server).Serve", list[1].Created.Func)
	require.Equal(t, "3086", list[1].Created.Line)

	require.Equal(t, "select", list[2].State)
	require.Equal(t, "main.generic[...]", list[2].Frames[0].Func)
	require.Equal(t, "main.main", list[2].Created.Func, "as releases before 1.21 wrote it")
}

func TestParseTraceOfThisRelease(t *testing.T) {
	buf := make([]byte, 1<<20)
	list := glsdebug.ParseTrace(buf[:runtime.Stack(buf, true)])
	for _, s := range list {
		if s.ID == goroutine.ID() {
			require.Equal(t, "running", s.State)
			require.True(t, strings.HasSuffix(s.Frames[0].Func, ".TestParseTraceOfThisRelease"), s.Frames[0].Func)
			require.Equal(t, "testing.(*T).Run", s.Created.Func)
			return
		}
	}
	t.Fatal("this goroutine is not in its own trace")
}

func FuzzParseTrace(f *testing.F) {
	f.Add([]byte(trace))
	f.Add([]byte("goroutine 1 [running]:\n\n\n\t\ncreated by \n\t:"))
	f.Fuzz(func(t *testing.T, trace []byte) {
		for _, s := range glsdebug.ParseTrace(trace) {
			if strings.ContainsAny(s.State, "],\n") {
				t.Errorf("state %q", s.State)
			}
		}
	})
}
