// Gls adds implicit context to existing programs. It finds go statements and
// callbacks that drop the bindings of package gls, explains them and rewrites
// them, or builds with rewritten copies of the source files.
//
//	gls vet [-policy P] [packages]          report, as a vet tool
//	gls vet -report FILE.html [packages]    write a page to walk through
//	gls fix [-diff] [-policy P] [packages]  rewrite source files
//	gls build|test|run [-policy P] ARGS     run the go command with an overlay
//	gls doctor [packages]                   what the library found here
//	gls doctor -run test|run ARGS           which statements lose bindings
//	gls require                             add the requirement, for vendoring
//	gls version                             the release of gls
//	gls help [command]                      what a command does
//
// It can also be run as a vet tool: go vet -vettool=$(which gls) ./...
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"

	suite "github.com/seed18162548/contextvars/cmd/gls/analysis"
)

const usage = `usage: gls command [arguments]

	vet       report what loses bindings; -report FILE.html writes a page
	fix       rewrite source files; -diff only shows how
	build     go build, test and run with rewritten files in an overlay:
	test      source files stay as they are
	run
	doctor    show what the library found here; -run test|run ARGS finds
	          the statements that lose bindings at run time
	require   add the requirement on the library to this module
	version   print the release of gls
	help      print this, or what a command does: gls help fix

gls command -h tells more too. Also: go vet -vettool=$(which gls) ./...
`

// An exit is an error that has been reported, with the status to exit with.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func main() {
	if isVetTool(os.Args[1:]) {
		unitchecker.Main(suite.All()...)
		return
	}
	if len(os.Args) < 2 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	commands := map[string]func([]string) error{
		"vet": vetCommand, "fix": fixCommand, "doctor": doctorCommand, "require": requireCommand, "version": version,
		"build": overlayCommand("build"), "test": overlayCommand("test"), "run": overlayCommand("run"),
	}
	name, args := os.Args[1], os.Args[2:]
	if name == "help" && len(args) > 0 {
		name, args = args[0], []string{"-h"}
	}
	run, ok := commands[name]
	switch {
	case name == "help" || isHelp(name):
		fmt.Print(usage)
		return
	case !ok:
		fmt.Fprintf(os.Stderr, "gls: unknown command %q\n\n%s", name, usage)
		os.Exit(2)
	}
	err := run(args)
	var code exit
	switch {
	case err == nil:
	case errors.As(err, &code):
		os.Exit(int(code))
	default:
		fmt.Fprintf(os.Stderr, "gls: %v\n", err)
		os.Exit(1)
	}
}

// isVetTool reports whether the go command runs this program as its vet tool.
func isVetTool(args []string) bool {
	if len(args) == 0 {
		return false
	}
	last := args[len(args)-1]
	return strings.HasPrefix(args[0], "-V") || args[0] == "-flags" || strings.HasSuffix(last, ".cfg")
}

// goCommand runs the go command in place of this program, as far as the system
// allows, and returns the status to exit with.
func goCommand(args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return replaceProcess(cmd)
}

// wait runs cmd to its end.
func wait(cmd *exec.Cmd) error {
	err := cmd.Run()
	var status *exec.ExitError
	if errors.As(err, &status) {
		return exit(status.ExitCode())
	}
	return err
}
