// Ports runs the core's tests on ports other than the host's: 386 directly,
// others under wine, node, wazero and qemu-user.
//
//	go run ./internal/ports [-short] [port ...]
//
// It needs Linux on amd64, and what .ci/install installs. Tests that call the
// go command stay on the host and build for the port; package target says how.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// core has the packages that are tested: the library, and the adapters that
// every service uses.
var core = []string{
	"./internal/binding", "./internal/goroutine", "./internal/registry",
	"./gls", "./gls/glstest", "./spawn", "./gls/glshttp", "./gls/glslog", "./gls/glsexport",
}

// little has the packages of a short run: those that depend on the runtime and
// the processor.
var little = []string{"./internal/goroutine", "./internal/registry", "./spawn"}

// hosted has the tests that call the go command, by package.
var hosted = map[string]string{
	"./internal/goroutine": "^(TestProgram|TestInitLeavesNoGoroutine|TestSafe|TestChangedLayout|TestModuleNamedLikeRuntime|TestAncestors)$",
	"./gls":                "^TestInlining$",
}

func main() {
	short := flag.Bool("short", false, "test only what knows the runtime and the processor")
	flag.Parse()
	scratch, err := os.MkdirTemp("", "ports")
	if err != nil {
		fail(err)
	}
	defer os.RemoveAll(scratch)

	packages := core
	if *short {
		packages = little
	}
	var failed []string
	for _, p := range chosen(flag.Args()) {
		start := time.Now()
		fmt.Printf("== %s %s\n", p.name, p.under)
		if err := p.test(scratch, packages); err != nil {
			fmt.Fprintln(os.Stderr, "ports:", err)
			failed = append(failed, p.name)
		}
		fmt.Printf("== %s %s\n", p.name, time.Since(start).Round(time.Second))
	}
	if len(failed) > 0 {
		fail(fmt.Errorf("failed: %s", strings.Join(failed, ", ")))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "ports:", err)
	os.Exit(1)
}

// chosen returns the ports with these names, or all ports if there are no
// names.
func chosen(names []string) (list []port) {
	for _, p := range ports {
		if len(names) == 0 {
			list = append(list, p)
		}
		for _, name := range names {
			if p.name == name {
				list = append(list, p)
			}
		}
	}
	if len(list) < len(names) {
		fail(fmt.Errorf("there is no such port: %s", strings.Join(names, ", ")))
	}
	return list
}

// test runs the tests of packages for p: those that do not need the go command
// on p, and then the others on the host.
func (p port) test(scratch string, packages []string) error {
	r := runner{}
	if p.prepare != nil {
		var err error
		if r, err = p.prepare(scratch); err != nil {
			return err
		}
	}
	goos, goarch, _ := strings.Cut(p.name, "/")
	args := []string{"test", "-timeout", "3h", "-tags", "gls_hosted"}
	if r.exec != "" {
		args = append(args, "-exec", r.exec)
	}
	env := append(r.env, "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
	if p.starts {
		env = append(env, "GLS_EXEC="+r.exec)
	}
	if err := goCommand(env, append(args, packages...)...); err != nil {
		return err
	}
	for _, pkg := range packages {
		if tests, ok := hosted[pkg]; ok {
			env := append(r.env, "GLS_GOOS="+goos, "GLS_GOARCH="+goarch, "GLS_EXEC="+r.exec)
			if err := goCommand(env, "test", "-run", tests, pkg); err != nil {
				return err
			}
		}
	}
	return nil
}

func goCommand(env []string, args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

// goroot returns the path of a file of the Go tree.
func goroot(elem ...string) (string, error) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", err
	}
	path := filepath.Join(append([]string{strings.TrimSpace(string(out))}, elem...)...)
	_, err = os.Stat(path)
	return path, err
}
