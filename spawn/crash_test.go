//go:build !wasm

package spawn_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/target"
	"github.com/seed18162548/contextvars/spawn"
)

// crashEnv is the environment variable that makes the test binary run a
// crasher.
const crashEnv = "GLS_TEST_CRASH"

// crashers start a goroutine that panics, and wait for it as the function
// allows. The wait must not end.
var crashers = map[string]func(){
	"go":           func() { go explode(); select {} },
	"Go":           func() { spawn.Go(explode); select {} },
	"GoIn":         func() { spawn.GoIn(gls.NewContext(), explode); select {} },
	"Detached":     func() { spawn.Detached(explode); select {} },
	"Start":        func() { _, _ = spawn.Start(task(explode)).Wait() },
	"Start, Done":  func() { <-spawn.Start(task(explode)).Done() },
	"StartIn":      func() { _, _ = spawn.StartIn(gls.NewContext(), task(explode)).Wait() },
	"Gather":       func() { _, _ = spawn.Gather(task(func() {}), task(explode)) },
	"WaitGroup":    func() { var wg spawn.WaitGroup; wg.Go(explode); wg.Wait() },
	"Group":        func() { var g spawn.Group; g.Go(failing(explode)); _ = g.Wait() },
	"Group, TryGo": func() { var g spawn.Group; g.TryGo(failing(explode)); _ = g.Wait() },
	"Group, GoIn":  func() { var g spawn.Group; g.GoIn(gls.NewContext(), failing(explode)); _ = g.Wait() },
	"Group, limited": func() {
		var g spawn.Group
		g.SetLimit(1)
		g.Go(failing(explode))
		g.Go(func() error { return nil }) // has to wait for the first
	},
	"Group, WithContext": func() {
		g, ctx := spawn.WithContext(background)
		g.Go(failing(explode))
		go func() { _ = g.Wait(); fmt.Println(outlived); os.Exit(0) }()
		<-ctx.Done()
	},
	"Group, panic during Goexit": func() {
		var g spawn.Group
		g.Go(func() error { defer explode(); deep(3); return nil })
		_ = g.Wait()
	},
	"AfterFunc": func() { spawn.AfterFunc(0, explode); select {} },
	"ContextAfterFunc": func() {
		ctx, cancel := context.WithCancel(background)
		spawn.ContextAfterFunc(ctx, explode)
		cancel()
		select {}
	},
	"panic during Goexit": func() {
		_, _ = spawn.Start(func() (int, error) { defer explode(); deep(3); return 0, nil }).Wait()
	},
	"panic with an error": func() {
		_, _ = spawn.Start(func() (int, error) { panic(fmt.Errorf("wrapped: %w", errors.New(explosion))) }).Wait()
	},
	"in a Run":  func() { spawn.Go(func() { gls.NewContext().Run(explode) }); select {} },
	"in a With": func() { spawn.Go(func() { crashVar.With(1, explode) }); select {} },
	"in a Wrap": func() { go gls.Wrap(explode)(); select {} },
}

var crashVar = gls.New[int]("v")

const (
	explosion = "the reason for the crash"
	outlived  = "the wait ended before the crash"
)

// explode panics, and lets others run during the panic.
func explode() {
	crashVar.Set(2)
	defer func() {
		for i := 0; i < 1000; i++ {
			runtime.Gosched()
		}
	}()
	panic(explosion)
}

// TestPanicsCrash checks that a panic in a started goroutine ends the process
// as under a plain go statement, with exit code 2 and the original trace, and
// that no wait for the goroutine ends before.
func TestPanicsCrash(t *testing.T) {
	if name := os.Getenv(crashEnv); name != "" {
		crashVar.Set(1)
		crashers[name]()
		fmt.Println(outlived)
		os.Exit(0)
	}
	for name := range crashers {
		name := name
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			crash(t, name)
		})
	}
}

func crash(t *testing.T, name string) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestPanicsCrash$")
	if emulator := target.Emulator(); emulator != "" {
		cmd = exec.Command(emulator, cmd.Args...)
	}
	cmd.Env = append(os.Environ(), crashEnv+"="+name)
	out, err := cmd.CombinedOutput()
	text := string(out)
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, text)
	require.Equal(t, 2, exit.ExitCode(), text)
	require.NotContains(t, text, outlived)
	require.Equal(t, 1, strings.Count(text, "panic: "), text)
	require.Contains(t, text, explosion)
	require.NotContains(t, text, "recovered", text)
	_, traces, _ := strings.Cut(text, "\ngoroutine ")
	trace, _, _ := strings.Cut(traces, "\n\n") // of the goroutine that panicked
	if name != "panic with an error" {
		require.Contains(t, trace, "spawn_test.explode", "the trace is not of where it happened")
	}
}
