package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// A port is a target of Go, and the way to run its programs here.
type port struct {
	name    string // GOOS/GOARCH
	under   string // what runs its programs
	prepare func(scratch string) (runner, error)
	starts  bool // a program of the port needs the runner to start another one
}

// A runner starts programs of a port.
type runner struct {
	exec string   // the command, for the -exec flag; "" for none
	env  []string // for it
}

var ports = []port{
	{name: "linux/386"},
	{name: "windows/amd64", under: "under wine", prepare: wine},
	{name: "js/wasm", under: "under node", prepare: node},
	{name: "wasip1/wasm", under: "under wazero", prepare: wazero},
	{name: "linux/arm64", under: "under qemu", prepare: qemu("aarch64"), starts: true},
	{name: "linux/arm", under: "under qemu", prepare: qemu("arm"), starts: true},
	{name: "linux/s390x", under: "under qemu", prepare: qemu("s390x"), starts: true},
	{name: "linux/riscv64", under: "under qemu", prepare: qemu("riscv64"), starts: true},
}

func qemu(processor string) func(string) (runner, error) {
	return func(string) (runner, error) {
		exe, err := exec.LookPath("qemu-" + processor + "-static")
		return runner{exec: exe}, err
	}
}

// node runs wasm in a process of node.
func node(string) (runner, error) {
	script, err := goroot("lib", "wasm", "go_js_wasm_exec")
	return runner{exec: script}, err
}

// wazero runs wasm with the system interface WASI.
func wazero(scratch string) (runner, error) {
	bin := filepath.Join(scratch, "bin")
	if err := goCommand([]string{"GOBIN=" + bin}, "install", "github.com/tetratelabs/wazero/cmd/wazero@v1.12.0"); err != nil {
		return runner{}, err
	}
	script, err := goroot("lib", "wasm", "go_wasip1_wasm_exec")
	return runner{exec: script, env: []string{"GOWASIRUNTIME=wazero", "PATH=" + bin + ":" + os.Getenv("PATH")}}, err
}

// prng implements the function of bcryptprimitives.dll that Go's runtime loads.
// Wine 8 has no such file, but has the function that it calls.
const prng = `
#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) {
	return RtlGenRandom(data, (ULONG)size); /* SystemFunction036 */
}
BOOL WINAPI DllMain(HINSTANCE dll, DWORD reason, LPVOID reserved) { return TRUE; }
`

// wine creates a Windows environment with that file.
func wine(scratch string) (runner, error) {
	exe, err := exec.LookPath("wine")
	if err != nil {
		return runner{}, err
	}
	prefix := filepath.Join(scratch, "wine")
	r := runner{exec: exe, env: []string{"WINEPREFIX=" + prefix, "WINEDEBUG=-all"}}
	boot := exec.Command("wineboot", "--init")
	boot.Env = append(os.Environ(), r.env...)
	if out, err := boot.CombinedOutput(); err != nil {
		return r, fmt.Errorf("wineboot: %w\n%s", err, out)
	}
	source := filepath.Join(scratch, "prng.c")
	if err := os.WriteFile(source, []byte(prng), 0o600); err != nil {
		return r, err
	}
	dll := filepath.Join(prefix, "drive_c", "windows", "system32", "bcryptprimitives.dll")
	gcc := exec.Command("x86_64-w64-mingw32-gcc", "-shared", "-O1", "-o", dll, source, "-ladvapi32")
	if out, err := gcc.CombinedOutput(); err != nil {
		return r, fmt.Errorf("%v: %w\n%s", gcc.Args, err, out)
	}
	return r, nil
}
