package overlay

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
)

// environment returns the output of go env.
func environment() (map[string]string, error) {
	var stderr bytes.Buffer
	cmd := exec.Command("go", "env", "-json")
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w\n%s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	env := map[string]string{}
	if err := json.Unmarshal(out, &env); err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	delete(env, "GOGCCFLAGS") // names a temporary folder
	return env, nil
}

// digest returns the hash of the JSON of values.
func digest(values ...any) string {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for _, v := range values {
		if err := enc.Encode(v); err != nil {
			panic(err) // strings and maps of them
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// self identifies this program, so that another build of it makes new plans.
func self() (string, error) {
	name, err := os.Executable()
	if err != nil {
		return "", err
	}
	info, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	return fmt.Sprint(name, info.Size(), info.ModTime().UnixNano()), nil
}

// fingerprint returns the hash of the names and contents of all files in the
// roots, and of the extra files, on which a plan may depend. It reads them,
// because modification times can miss an edit, and a build must not.
func fingerprint(roots, extra []string) (string, error) {
	h := sha256.New()
	add := func(name string) error {
		data, err := os.ReadFile(name)
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		sum := sha256.Sum256(data)
		fmt.Fprintf(h, "%q %t %x\n", name, err == nil, sum)
		return nil
	}
	for _, root := range roots {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			base := d.Name()
			if d.IsDir() {
				if name != root && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules") {
					return filepath.SkipDir
				}
				return nil
			}
			if strings.HasSuffix(base, ".go") || base == "go.mod" || base == "go.sum" || base == "modules.txt" {
				return add(name)
			}
			return nil
		})
		if err != nil {
			return "", err
		}
	}
	sort.Strings(extra)
	for _, name := range extra {
		if err := add(name); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
