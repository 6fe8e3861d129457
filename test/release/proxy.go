package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// A proxy is a module proxy in the file system: what GOPROXY=file://dir reads.
type proxy struct{ dir string }

// add packs m as of the clone's last commit.
func (p proxy) add(b *build, m *mod) error {
	escaped, err := module.EscapePath(m.path)
	if err != nil {
		return err
	}
	dir := filepath.Join(p.dir, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	var packed bytes.Buffer
	if err := zip.CreateFromVCS(&packed, module.Version{Path: m.path, Version: b.version}, b.clone, "HEAD", m.dir); err != nil {
		return err
	}
	gomod, err := os.ReadFile(filepath.Join(b.clone, m.dir, "go.mod"))
	if err != nil {
		return err
	}
	info := fmt.Sprintf("{%q: %q, %q: %q}\n", "Version", b.version, "Time", time.Now().UTC().Format(time.RFC3339))
	for name, data := range map[string][]byte{
		"list":              []byte(b.version + "\n"),
		b.version + ".info": []byte(info),
		b.version + ".mod":  gomod,
		b.version + ".zip":  packed.Bytes(),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			return err
		}
	}
	return forget(m.path)
}

// env returns the environment in which the go command asks p first. The
// checksum database does not know our modules yet; GOPRIVATE would not do,
// because with it the go command passes by every proxy.
func (p proxy) env() []string {
	usual, err := exec.Command("go", "env", "GOPROXY").Output()
	if err != nil {
		panic(err) // the go command does not run at all
	}
	return []string{
		"GOPROXY=file://" + filepath.ToSlash(p.dir) + "," + strings.TrimSpace(string(usual)),
		"GONOSUMDB=" + root,
		"GOFLAGS=",
		"GODEBUG=goindex=0", // the index takes a version for what it was at the first rehearsal
	}
}

// forget removes the module path, of all versions, from the module cache, so
// that the next command takes what the proxy has now.
func forget(path string) error {
	cache, err := output("", nil, "go", "env", "GOMODCACHE")
	if err != nil {
		return err
	}
	escaped, err := module.EscapePath(path)
	if err != nil {
		return err
	}
	extracted, err := filepath.Glob(filepath.Join(cache, filepath.FromSlash(escaped)+"@*"))
	if err != nil {
		return err
	}
	for _, dir := range append(extracted, filepath.Join(cache, "cache", "download", filepath.FromSlash(escaped), "@v")) {
		if err := removeReadOnly(dir); err != nil {
			return err
		}
	}
	return nil
}

// removeReadOnly removes dir, whose folders are read-only in the module cache.
func removeReadOnly(dir string) error {
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(path, 0o777)
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.RemoveAll(dir)
}
