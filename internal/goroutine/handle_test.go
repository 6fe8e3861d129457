package goroutine_test

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

func TestExportedMethod(t *testing.T) {
	for function, want := range map[string]string{
		"main.main":                             "",
		"main.F":                                "",
		"example.com/p.F":                       "",
		"example.com/p.v2.F":                    "F", // impossible, but harmless
		"main.main.func1":                       "",
		"main.F.func1.2":                        "",
		"main.T.M":                              "M",
		"main.(*T).M":                           "M",
		"main.(*T).m":                           "",
		"main.(*T).Ähnlich":                     "Ähnlich",
		"main.(*T).M.func1":                     "",
		"main.F[...]":                           "",
		"main.F[...].func1":                     "",
		"main.(*T[...]).M":                      "M",
		"gopkg.in/yaml%2ev3.F":                  "",
		"github.com/x/y.T.RuntimeError":         "RuntimeError",
		"net/http.(*conn).serve":                "",
		"net/http.(*Server).ListenAndServe":     "ListenAndServe",
		"github.com/x/y/v2.(*Pool[...]).Worker": "Worker",
	} {
		require.Equal(t, want, goroutine.ExportedMethod(function), function)
	}
}

func TestHasPrefix(t *testing.T) {
	module := func(path string) *debug.Module { return &debug.Module{Path: path} }
	main := *module("example.com/main")
	for _, row := range []struct {
		name string
		info debug.BuildInfo
		want bool
	}{
		{"none", debug.BuildInfo{Main: main, Path: "example.com/main/cmd"}, false},
		{"dependencies", debug.BuildInfo{Main: main, Deps: []*debug.Module{module("example.com/runtime.x")}}, false},
		{"a dependency", debug.BuildInfo{Main: main, Deps: []*debug.Module{module("a"), module("runtime.x/y")}}, true},
		{"the main module", debug.BuildInfo{Main: *module("runtime.example.com")}, true},
		{"no modules", debug.BuildInfo{Path: "command-line-arguments"}, true},
	} {
		require.Equal(t, row.want, goroutine.HasPrefix(&row.info), row.name)
	}
}

// TestSelf: on any goroutine, Self is ID and Handle.
func TestSelf(t *testing.T) {
	same := func() bool {
		id, handle := goroutine.Self()
		return id == goroutine.ID() && handle == goroutine.Handle()
	}
	require.True(t, same())
	for i := 0; i < 10; i++ {
		there := make(chan bool)
		go func() { there <- same() }()
		require.True(t, <-there)
	}
}
