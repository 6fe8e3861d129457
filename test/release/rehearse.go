package main

import (
	"errors"
	"fmt"
	"go/version"
	"os"
	"path/filepath"
	"strings"
)

// A rehearsal does with a release what users will do, each time in an empty
// folder.
type rehearsal struct {
	build      *build
	scratch    string
	toolchains map[string]string // by language version
}

// toolchains returns the releases of the list by their language versions.
func toolchains(releases string) map[string]string {
	byLang := make(map[string]string)
	for _, release := range strings.Fields(releases) {
		byLang[version.Lang(release)] = release
	}
	return byLang
}

// all rehearses every module, and returns what failed.
func (r *rehearsal) all() error {
	defer func() {
		for _, m := range r.build.modules {
			_ = forget(m.path) // as far as it goes: the next rehearsal does it again
		}
	}()
	var failed []error
	for _, m := range r.build.modules {
		var err error
		if m.dir == "cmd/gls" {
			err = r.command(m)
		} else {
			err = r.library(m)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", m.path, err))
		}
	}
	return errors.Join(failed...)
}

// env returns the environment for a module whose go line is that of m.
func (r *rehearsal) env(m *mod) (env []string, toolchain string) {
	toolchain = "local"
	if m.file.Go != nil {
		if release, ok := r.toolchains[version.Lang("go"+m.file.Go.Version)]; ok {
			toolchain = release
		}
	}
	return append(r.build.proxy.env(), "GOTOOLCHAIN="+toolchain), toolchain
}

// library gets m and nothing else of ours, and builds a program of all its
// packages with the oldest release that m claims.
func (r *rehearsal) library(m *mod) error {
	env, toolchain := r.env(m)
	dir, err := r.folder(env)
	if err != nil {
		return err
	}
	packages, err := r.packages(m)
	if err != nil {
		return err
	}
	var program strings.Builder
	program.WriteString("package main\n\nimport (\n")
	get := []string{"get"}
	for _, p := range packages {
		fmt.Fprintf(&program, "\t_ %q\n", p)
		get = append(get, p+"@"+r.build.version)
	}
	program.WriteString(")\n\nfunc main() {}\n")
	if m.dir == "" {
		program.Reset()
		program.WriteString(firstProgram)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(program.String()), 0o666); err != nil {
		return err
	}
	if err := steps(dir, env, get, []string{"mod", "verify"}, []string{"vet", "./..."}); err != nil {
		return err
	}
	out, err := output(dir, env, "go", "run", ".")
	if err != nil {
		return err
	}
	if m.dir == "" && out != "audit for req-1" {
		return fmt.Errorf("the first program prints %q", out)
	}
	fmt.Printf("ok  %-70s %s\n", m.path, toolchain)
	return nil
}

// firstProgram is what a user types first.
const firstProgram = `package main

import (
	"fmt"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

var requestID = gls.New[string]("request_id")

func main() {
	defer requestID.Set("req-1").Reset()

	var wg spawn.WaitGroup
	wg.Go(audit)
	wg.Wait()
}

func audit() { fmt.Println("audit for", requestID.Get()) }
`

// packages returns the packages of m that others can import.
func (r *rehearsal) packages(m *mod) ([]string, error) {
	list, err := output(filepath.Join(r.build.clone, m.dir), r.build.proxy.env(), "go", "list", "-f",
		`{{if ne .Name "main"}}{{.ImportPath}}{{end}}`, "./...")
	if err != nil {
		return nil, err
	}
	var packages []string
	for _, p := range strings.Fields(list) {
		if !strings.Contains(p+"/", "/internal/") && !strings.HasSuffix(p, "/docs") {
			packages = append(packages, p)
		}
	}
	if len(packages) == 0 {
		return nil, fmt.Errorf("there is nothing to import")
	}
	return packages, nil
}

// legacy is a program that has never heard of us.
const legacy = `package main

import (
	"fmt"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		fmt.Println("worked")
	}()
	wg.Wait()
}
`

// command installs gls and converts a program with it.
func (r *rehearsal) command(m *mod) error {
	env, toolchain := r.env(m)
	dir, err := r.folder(env)
	if err != nil {
		return err
	}
	bin := filepath.Join(dir, "bin")
	if err := steps(dir, append(env, "GOBIN="+bin), []string{"install", m.path + "@" + r.build.version}); err != nil {
		return err
	}
	gls := filepath.Join(bin, "gls")
	out, err := output(dir, env, gls, "version")
	if err != nil {
		return err
	}
	if !strings.Contains(out, r.build.version) {
		return fmt.Errorf("gls version prints %q", out)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(legacy), 0o666); err != nil {
		return err
	}
	// The program has its own Go, which is older than the tool's.
	env = append(env, "GOTOOLCHAIN=local")
	if _, err := output(dir, env, gls, "fix", "-policy", "all", "."); err != nil {
		return err
	}
	main, err := os.ReadFile(filepath.Join(dir, "main.go"))
	if err != nil {
		return err
	}
	gomod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return err
	}
	if !strings.Contains(string(main), "spawn.") || !strings.Contains(string(gomod), root+" "+r.build.version) {
		return fmt.Errorf("gls fix leaves\n%s\n%s", main, gomod)
	}
	if err := steps(dir, env, []string{"mod", "verify"}, []string{"vet", "."}); err != nil {
		return err
	}
	if out, err := output(dir, env, "go", "run", "."); err != nil || out != "worked" {
		return fmt.Errorf("the converted program prints %q: %w", out, err)
	}
	fmt.Printf("ok  %-70s %s\n", m.path, toolchain)
	return nil
}

// folder returns an empty folder that is a module.
func (r *rehearsal) folder(env []string) (string, error) {
	dir, err := os.MkdirTemp(r.scratch, "user")
	if err != nil {
		return "", err
	}
	return dir, steps(dir, env, []string{"mod", "init", "example.com/user"})
}

// steps runs go commands, one after the other.
func steps(dir string, env []string, commands ...[]string) error {
	for _, args := range commands {
		if _, err := output(dir, env, "go", args...); err != nil {
			return err
		}
	}
	return nil
}
