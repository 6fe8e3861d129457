package overlay

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

// Args holds the parsed arguments of gls build, test or run.
type Args struct {
	Command string   // "build", "test" or "run"
	Go      []string // what the go command gets, except the command and -overlay
	List    []string // those of them that decide which files are built, except -tags
	Overlay string   // the user's own overlay
	Chdir   string   // -C
	Tags    string   // -tags, "" if it is not given
}

// valued are flags of go run that take a value, which may be a separate
// argument: what follows is not yet the program.
var valued = map[string]bool{
	"C": true, "p": true, "asmflags": true, "buildmode": true, "compiler": true, "covermode": true, "coverpkg": true,
	"exec": true, "gccgoflags": true, "gcflags": true, "installsuffix": true, "ldflags": true, "mod": true,
	"modfile": true, "overlay": true, "pgo": true, "pkgdir": true, "tags": true, "toolexec": true,
}

// deciding has the flags that decide which files are built; true if they have a
// value.
var deciding = map[string]bool{
	"tags": true, "mod": true, "modfile": true, "compiler": true, "installsuffix": true,
	"race": false, "msan": false, "asan": false,
}

// Parse parses the arguments after the command. Flags in own are set there; all
// others are passed on to the go command unchanged.
func Parse(command string, args []string, own *flag.FlagSet) (*Args, error) {
	own.SetOutput(io.Discard)
	a := &Args{Command: command}
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		name, value, hasValue := split(arg)
		if name == "args" && command == "test" {
			a.Go = append(append(a.Go, arg), args...)
			break
		}
		if name == "" {
			a.Go = append(a.Go, arg)
			if command == "run" {
				a.Go = append(a.Go, args...)
				break
			}
			continue
		}
		if f := own.Lookup(name); f != nil {
			b, isBool := f.Value.(interface{ IsBoolFlag() bool })
			if !hasValue && isBool && b.IsBoolFlag() {
				value, hasValue = "true", true
			}
			if !hasValue {
				if len(args) == 0 {
					return nil, fmt.Errorf("flag needs an argument: -%s", name)
				}
				value, args = args[0], args[1:]
			}
			if err := own.Set(name, value); err != nil {
				return nil, fmt.Errorf("-%s: %w", name, err)
			}
			continue
		}
		taken := []string{arg}
		if takes, known := deciding[name]; valued[name] && !hasValue || known && takes && !hasValue {
			if len(args) == 0 {
				return nil, fmt.Errorf("flag needs an argument: -%s", name)
			}
			value = args[0]
			taken, args = append(taken, args[0]), args[1:]
		}
		switch _, decides := deciding[name]; {
		case name == "overlay":
			a.Overlay = value
			continue // it is merged into the new one
		case name == "C":
			a.Chdir = value
			continue // this process changes its folder
		case name == "tags":
			a.Tags = value
			continue // others may be added
		case decides:
			// One word, so that it can be looked up.
			a.List = append(a.List, strings.Join(append([]string{"-" + name}, valuesOf(value, hasValue || len(taken) > 1)...), "="))
		}
		a.Go = append(a.Go, taken...)
	}
	return a, nil
}

// split returns the name of a flag and its value. The name is "" if arg is not
// a flag.
func split(arg string) (name, value string, hasValue bool) {
	if len(arg) < 2 || arg[0] != '-' {
		return "", "", false
	}
	arg = strings.TrimPrefix(arg[1:], "-")
	return strings.Cut(arg, "=")
}

func valuesOf(value string, has bool) []string {
	if has {
		return []string{value}
	}
	return nil
}

// AddTag adds a build tag to the tags in the arguments or, if these have none,
// in goflags.
func (a *Args) AddTag(tag, goflags string) {
	if a.Tags == "" {
		for _, f := range strings.Fields(goflags) {
			if name, value, _ := split(f); name == "tags" {
				a.Tags = value
			}
		}
	}
	if a.Tags != "" {
		a.Tags = strings.Join(strings.FieldsFunc(a.Tags, func(r rune) bool { return r == ',' || r == ' ' }), ",") + ","
	}
	a.Tags += tag
}

// ListFlags returns the arguments that decide which files are built.
func (a *Args) ListFlags() []string {
	if a.Tags == "" {
		return a.List
	}
	return append([]string{"-tags=" + a.Tags}, a.List...)
}

// With returns the arguments of a go command that builds with the overlay in
// file, or without an overlay if file is "".
func (a *Args) With(file string) []string {
	args := []string{a.Command}
	if file != "" {
		args = append(args, "-overlay="+file)
	}
	if a.Tags != "" {
		args = append(args, "-tags="+a.Tags)
	}
	return append(args, a.Go...)
}
