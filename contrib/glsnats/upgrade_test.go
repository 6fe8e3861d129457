//go:build gls_upgrade

package glsnats_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
)

// oldServer is the release that the servers run first. It is built from source,
// through the module proxy.
const oldServer = "github.com/nats-io/nats-server/v2@v2.10.29"

// TestUpgrade has three servers of 2.10 replaced by the newest, one after the
// other, while jobs go through them. Every job is done, each with the identity
// that it was submitted with.
func TestUpgrade(t *testing.T) {
	bin := t.TempDir()
	build := exec.Command("go", "install", oldServer)
	build.Env = append(os.Environ(), "GOBIN="+bin, "GOFLAGS=-mod=mod", "GOWORK=off")
	build.Dir = bin
	text, err := build.CombinedOutput()
	require.NoError(t, err, string(text))

	s := &storm{t: t, dir: t.TempDir(), role: "server", args: map[string][]any{}, servers: map[string]*process{}, begin: time.Now()}
	old := map[string]*exec.Cmd{}
	var urls, routes []string
	ports := map[string][2]int{}
	for i := range stormServers {
		name := fmt.Sprintf("s%d", i+1)
		s.names = append(s.names, name)
		ports[name] = [2]int{freePort(t), freePort(t)}
		urls = append(urls, fmt.Sprintf("nats://127.0.0.1:%d", ports[name][0]))
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", ports[name][1]))
	}
	s.url = strings.Join(urls, ",")
	for _, name := range s.names {
		s.args[name] = []any{name, ports[name][0], ports[name][1], filepath.Join(s.dir, name), strings.Join(routes, " ")}
		cmd := exec.Command(filepath.Join(bin, "nats-server"), "-n", name, "-a", "127.0.0.1", "-p", fmt.Sprint(ports[name][0]),
			"-js", "-sd", filepath.Join(s.dir, name), "-cluster_name", "gls",
			"-cluster", fmt.Sprintf("nats://127.0.0.1:%d", ports[name][1]), "-routes", strings.Join(routes, ","), "-l", filepath.Join(s.dir, name+".log"))
		require.NoError(t, cmd.Start())
		old[name] = cmd
		t.Cleanup(func() {
			if cmd.ProcessState == nil { // the test failed before
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
			}
		})
	}
	conn, err := nats.Connect(s.url, nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true))
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	eventually(t, conn.IsConnected, "no server is up")
	require.True(t, strings.HasPrefix(conn.ConnectedServerVersion(), "2.10."), conn.ConnectedServerVersion())
	s.js, err = jetstream.New(conn)
	require.NoError(t, err)
	first, err := glsnats.Connect(s.url, append(stormOptions(), glsnats.WaitForServer(patience))...)
	require.NoError(t, err)
	first.Close()
	const each = 15_000
	for range 2 {
		s.workers = append(s.workers, s.startWorker())
	}
	for i := range 2 {
		p, _ := startProcess(t, "producer", s.url, i, each)
		s.producers = append(s.producers, p)
	}
	for _, name := range s.names {
		before := len(s.done())
		eventually(t, func() bool { return len(s.done()) >= before+each/4 }, "nothing goes through")
		s.say("upgrade %s, after %d jobs", name, len(s.done()))
		require.NoError(t, old[name].Process.Signal(os.Interrupt))
		_ = old[name].Wait() // the signal is in its status
		s.startServer(name)
	}
	for _, p := range s.producers {
		var n part
		require.NoError(t, json.Unmarshal([]byte(p.wait(t)), &n))
		require.EqualValues(t, each, n.Submitted)
	}
	require.Eventually(t, func() bool { return len(s.done()) == 2*each }, 3*time.Minute, 200*time.Millisecond)
	for _, p := range s.workers {
		var n part
		require.NoError(t, json.Unmarshal([]byte(p.stop(t)), &n))
		require.Zero(t, n.Dead+n.Failed)
	}
	again := 0
	for id, runs := range s.done() {
		for _, r := range runs {
			job, identity, _ := strings.Cut(r.payload, " ")
			require.Equal(t, id, "j-"+job)
			require.Equal(t, identity, r.identity)
		}
		again += len(runs) - 1
	}
	s.say("%d jobs done, %d of them again, on servers of %s", 2*each, again, conn.ConnectedServerVersion())
	for _, p := range s.servers {
		p.stop(t)
	}
}
