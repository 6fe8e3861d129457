package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
	"github.com/seed18162548/contextvars/gls"
)

// probe is a program that prints what the library found out about its process.
const probe = `package main

import (
	"encoding/json"
	"os"
	"runtime"

	"github.com/seed18162548/contextvars/gls"
)

func main() {
	s := gls.ReadStats()
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"Go": runtime.Version(), "Port": runtime.GOOS + "/" + runtime.GOARCH, "FastID": s.FastID, "FastLiveness": s.FastLiveness,
	})
}
`

// A Finding is what the library found out about a process.
type Finding struct {
	Go, Port             string
	FastID, FastLiveness bool
}

// Describe prints what a bug report needs: about this module, if it requires
// the library and builds with it, and otherwise about this tool.
func Describe(w io.Writer, gomod string) {
	f, err := findHere(gomod)
	where := "a program of this module"
	if err != nil {
		s := gls.ReadStats()
		f = Finding{runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, s.FastID, s.FastLiveness}
		where = "this tool, as " + err.Error()
	}
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-14s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("examined", "%s", where)
	line("Go", "%s", f.Go)
	line("port", "%s", f.Port)
	line("ID path", "%s", choose(f.FastID, "fast: read from the runtime's g", "slow: parsed from stack traces, about a microsecond each"))
	line("self-check", "%s", choose(f.FastID, "passed: the fast ID was the traced one on every goroutine examined",
		"not passed or not made: "+slowReason()))
	line("liveness", "%s", choose(f.FastLiveness, "fast: the runtime's g says whether a goroutine has ended", "slow: from a trace of all goroutines, which stops the world"))
	line("library", "%s", libraryVersion(gomod))
	line("gls", "%s", toolVersion())
	line("go command", "%s", output("go", "version"))
}

func choose(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

func slowReason() string {
	if os.Getenv("GLS_SAFE") == "1" {
		return "GLS_SAFE=1 asks for the slow path"
	}
	return "build tag gls_safe, a port without support, or a runtime that is laid out otherwise"
}

// findHere builds and runs the probe as a package of the module, in an overlay.
func findHere(gomod string) (f Finding, err error) {
	if gomod == "" {
		return f, fmt.Errorf("there is no module here")
	}
	dir, err := os.MkdirTemp("", "gls-doctor-")
	if err != nil {
		return f, err
	}
	defer os.RemoveAll(dir)
	source, file := filepath.Join(dir, "probe.go"), filepath.Join(dir, "overlay.json")
	root := filepath.Dir(gomod)
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, "gls_doctor_probe", "main.go"): source}})
	if err != nil {
		return f, err
	}
	if err := os.WriteFile(source, []byte(probe), 0o666); err != nil {
		return f, err
	}
	if err := os.WriteFile(file, overlay, 0o666); err != nil {
		return f, err
	}
	cmd := exec.Command("go", "run", "-overlay="+file, "./gls_doctor_probe")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return f, fmt.Errorf("this module does not build with %s", glsapi.Module)
	}
	return f, json.Unmarshal(out, &f)
}

func libraryVersion(gomod string) string {
	if gomod == "" {
		return "no module here"
	}
	if v := output("go", "list", "-m", "-f", "{{.Version}}{{with .Replace}} => {{.}}{{end}}", glsapi.Module); v != "" {
		return v
	}
	return "not required by this module"
}

func toolVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return info.Main.Version + ", built with " + info.GoVersion
}

func output(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
