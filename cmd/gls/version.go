package main

import (
	"fmt"
	"runtime/debug"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
)

const aboutVersion = `usage: gls version

Version prints the release of gls, the Go release that it was built with, and the
release of the library that it requires where a module has none.`

// version prints the release of this program.
func version(args []string) error {
	if len(args) > 0 {
		return parse(newFlagSet("version"), args, aboutVersion)
	}
	fmt.Println("gls " + release())
	return nil
}

// release returns the release of this program, as "v1.2.3 (go1.26.8, library
// v1.2.3)".
func release() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	library := "given with -lib"
	for _, dep := range info.Deps {
		if dep.Path == glsapi.Module && dep.Replace == nil {
			library = dep.Version
		}
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && v == "(devel)" && len(s.Value) > 12 {
			v += " " + s.Value[:12]
		}
	}
	return fmt.Sprintf("%s (%s, library %s)", v, info.GoVersion, library)
}
