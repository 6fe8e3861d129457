package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed18162548/contextvars/cmd/gls/internal/sandbox"
)

func TestVersion(t *testing.T) {
	b := box(t, "")
	stdout, _ := mustGls(t, b, "version")
	if !strings.HasPrefix(stdout, "gls ") || !strings.Contains(stdout, "(go1.") || !strings.Contains(stdout, ", library ") {
		t.Errorf("it prints %q", stdout)
	}
}

// Help of a command is the same however it is requested, and is not an error.
func TestHelp(t *testing.T) {
	b := box(t, "")
	general, _ := mustGls(t, b, "help")
	for _, name := range []string{"vet", "fix", "build", "test", "run", "doctor", "require", "version"} {
		stdout, _ := mustGls(t, b, "help", name)
		wantContains(t, stdout, "usage: gls "+name)
		if other, _ := mustGls(t, b, name, "-h"); other != stdout {
			t.Errorf("gls %s -h prints\n%s\nand gls help %s\n%s", name, other, name, stdout)
		}
		wantContains(t, general, name)
	}
	if _, stderr, exit := gls(t, b, "help", "nothing"); exit != 2 || !strings.Contains(stderr, "unknown command") {
		t.Errorf("exit status %d, %s", exit, stderr)
	}
}

// Nothing is shown before patience has run out, and then what is going on.
func TestMeter(t *testing.T) {
	for _, terminal := range []bool{true, false} {
		var out bytes.Buffer
		m := &meter{out: &out, terminal: terminal, timer: time.NewTimer(time.Hour)}
		m.report(1, 10)
		if out.Len() > 0 {
			t.Errorf("at once it shows %q", out.String())
		}
		m.mu.Lock()
		m.draw(time.Now().Add(-time.Hour))
		m.mu.Unlock()
		m.report(2, 10)
		m.report(10, 10)
		m.stop()
		end := out.Len()
		m.mu.Lock()
		m.draw(time.Now())
		m.mu.Unlock()
		text := out.String()
		if !strings.Contains(text, "gls: 1 of 10 packages") || !strings.Contains(text, "gls: 2 of 10 packages") || len(text) != end {
			t.Errorf("it shows %q", text)
		}
		if terminal != strings.HasSuffix(text, "\r\033[K") || !terminal && strings.ContainsAny(text, "\r\033") {
			t.Errorf("it shows %q", text)
		}
	}
}

// Colours are for terminals: a diff in a file has none.
func TestNoColours(t *testing.T) {
	b := box(t, plain)
	stdout, _ := mustGls(t, b, "fix", "-diff", "-policy=all", "-lib", sandbox.Library())
	if strings.Contains(stdout, "\033") {
		t.Errorf("there are colours in %q", stdout)
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "x"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if colours(f) || isTerminal(f) {
		t.Error("a file is taken for a terminal")
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	t.Setenv("NO_COLOR", "1")
	if colours(null) {
		t.Error("NO_COLOR is ignored")
	}
}
