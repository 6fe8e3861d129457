package spawn_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

var v = gls.New[int]("v")

func TestStart(t *testing.T) {
	defer v.Set(1).Reset()
	task := spawn.Start(func() (int, error) { x := v.Get(); v.Set(2); return x, nil })
	x, err := task.Wait()
	require.NoError(t, err)
	require.Equal(t, 1, x)
	y, _ := v.In(task.Context())
	require.Equal(t, 2, y)
	var g spawn.WaitGroup
	g.Go(func() { x = 10 * v.Get() })
	g.Wait()
	require.Equal(t, 10, x)
	_ = rapid.Int
}
