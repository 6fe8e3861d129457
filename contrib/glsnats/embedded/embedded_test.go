package embedded_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/contrib/glsnats/embedded"
)

func TestStart(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s, err := embedded.Start(embedded.Options(func(o *server.Options) { o.ServerName = "one" }))
	require.NoError(t, err)
	defer s.Stop()

	c, err := glsnats.Connect(s.URL())
	require.NoError(t, err)
	require.Equal(t, "one", c.Conn().ConnectedServerName())
	require.NoError(t, c.Go("work", nil))
	c.Close()
	stream := filepath.Join(os.TempDir(), "glsnats-*", "jetstream", "*", "streams", "gls")
	require.Len(t, glob(t, stream), 1, "the data is in a temporary directory")

	inProcess, err := glsnats.Connect("", glsnats.NATS(s.InProcess()))
	require.NoError(t, err)
	require.NoError(t, inProcess.Go("work", nil))
	inProcess.Close()

	url := s.URL()
	s.Stop()
	s.Stop()
	_, err = nats.Connect(url, nats.Timeout(time.Second))
	require.Error(t, err)
	require.Empty(t, glob(t, filepath.Join(os.TempDir(), "*")))
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	require.NoError(t, err)
	return found
}

func TestDataStays(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		s, err := embedded.Start(embedded.Dir(dir))
		require.NoError(t, err)
		c, err := glsnats.Connect(s.URL())
		require.NoError(t, err)
		require.NoError(t, c.Go("work", nil))
		js, err := c.Conn().JetStream()
		require.NoError(t, err)
		info, err := js.StreamInfo("gls")
		require.NoError(t, err)
		require.EqualValues(t, i+1, info.State.Msgs)
		c.Close()
		s.Stop()
	}
	require.DirExists(t, dir)
}

func TestStartFails(t *testing.T) {
	s, err := embedded.Start()
	require.NoError(t, err)
	defer s.Stop()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err = embedded.Start(embedded.Dir(filepath.Join(file, "dir")))
	require.Error(t, err, "no directory can be made there")
	_, err = embedded.Start(embedded.Options(func(o *server.Options) { o.Cluster.Port = -1; o.Cluster.Name = "with space" }))
	require.Error(t, err)
}

// TestReadySoon checks the claim of the package comment, with room for a loaded
// machine.
func TestReadySoon(t *testing.T) {
	begin := time.Now()
	s, err := embedded.Start()
	took := time.Since(begin)
	require.NoError(t, err)
	s.Stop()
	require.Less(t, took, 2*time.Second)
	t.Logf("ready in %v", took)
}
