// Package sandbox creates small programs for tests and runs the go command on
// them.
package sandbox

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// Library returns the folder of the root module.
func Library() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		panic("sandbox: no source position")
	}
	return filepath.Join(filepath.Dir(file), "..", "..", "..", "..")
}

// Requirement is the part of a go.mod that supplies the root module from its
// folder.
func Requirement() string {
	return "require (\n" +
		"github.com/seed18162548/contextvars v0.0.0\n" +
		"github.com/petermattis/goid v0.0.0-20260820044319-269ab09b5261 // indirect\n" +
		"golang.org/x/sync v0.7.0 // indirect\n)\n" +
		"replace github.com/seed18162548/contextvars => " + filepath.ToSlash(Library()) + "\n"
}

// A Box is a folder with a program. The go command runs there outside of any
// workspace and downloads only from the module cache.
type Box struct {
	t   testing.TB
	Dir string
	Env []string // added to the environment
}

// New writes the files of a txtar archive into a new folder. "$REQUIRE" in a
// go.mod is [Requirement]; a go.sum is added to such modules.
func New(t testing.TB, archive string) *Box {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &Box{t: t, Dir: dir, Env: []string{"GOWORK=off", "GOFLAGS="}}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		text := string(f.Data)
		if strings.Contains(text, "$REQUIRE") {
			text = strings.ReplaceAll(text, "$REQUIRE", Requirement())
			b.Write(filepath.Join(filepath.Dir(f.Name), "go.sum"), b.librarySum())
		}
		b.Write(f.Name, text)
	}
	return b
}

func (b *Box) librarySum() string {
	sum, err := os.ReadFile(filepath.Join(Library(), "go.sum"))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(sum)
}

// Write writes a file.
func (b *Box) Write(name, text string) {
	b.t.Helper()
	name = filepath.Join(b.Dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		b.t.Fatal(err)
	}
}

// Read returns the text of a file.
func (b *Box) Read(name string) string {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.Dir, name))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

// Exec runs a program in the folder.
func (b *Box) Exec(name string, args ...string) (stdout, stderr string, exit int) {
	b.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = b.Dir
	cmd.Env = append(os.Environ(), b.Env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if cmd.ProcessState == nil {
		b.t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// Go runs the go command, which must succeed, and returns its standard output.
func (b *Box) Go(args ...string) string {
	b.t.Helper()
	stdout, stderr, exit := b.Exec("go", args...)
	if exit != 0 {
		b.t.Fatalf("go %s: exit status %d\n%s%s", strings.Join(args, " "), exit, stdout, stderr)
	}
	return stdout
}
