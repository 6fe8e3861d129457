package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// download returns the folder of a module in the module cache.
func download(program string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := command(os.TempDir(), "go", "mod", "download", "-json", program)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var m struct{ Dir, Error string }
	if e := json.Unmarshal(stdout.Bytes(), &m); err == nil {
		err = e
	}
	if err != nil || m.Dir == "" {
		return "", fmt.Errorf("go mod download: %v %s%s", err, m.Error, stderr.Bytes())
	}
	return m.Dir, nil
}

// copyTree copies a folder, with everything writable.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o777)
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, info.Mode().Perm()|0o200)
	})
}

// countGo returns how many go statements there are, other than in tests and in
// folders that the go command ignores.
func countGo(dir string) (n int, err error) {
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if name != dir && (base == "testdata" || base == "vendor" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(node ast.Node) bool {
			if _, ok := node.(*ast.GoStmt); ok {
				n++
			}
			return true
		})
		return nil
	})
	return n, err
}

// diffLines returns how many lines of Go a copy has that the other has not, and
// the other way round.
func diffLines(old, changed string) (added, removed int, err error) {
	// Git says so with the exit status 1.
	out, err := command(filepath.Dir(old), "git", "diff", "--no-index", "--numstat", filepath.Base(old), filepath.Base(changed)).Output()
	if exit := (*exec.ExitError)(nil); err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 1) {
		return 0, 0, fmt.Errorf("git diff: %w", err)
	}
	for _, line := range strings.Split(string(out), "\n") {
		fields := strings.Fields(line)
		if len(fields) < 3 || !strings.Contains(line, ".go") {
			continue
		}
		more, err1 := strconv.Atoi(fields[0])
		less, err2 := strconv.Atoi(fields[1])
		if err1 != nil || err2 != nil {
			return 0, 0, fmt.Errorf("git diff prints %q", line)
		}
		added, removed = added+more, removed+less
	}
	return added, removed, nil
}

// unchanged returns an error unless every file of a copy is as it was.
func unchanged(source, dir string) error {
	return filepath.WalkDir(source, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(source, name)
		if err != nil {
			return err
		}
		old, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		now, err := os.ReadFile(filepath.Join(dir, rel))
		if err != nil {
			return err
		}
		if !bytes.Equal(old, now) {
			return fmt.Errorf("gls test changed %s", rel)
		}
		return nil
	})
}
