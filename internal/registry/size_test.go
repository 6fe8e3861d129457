package registry

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func TestSizes(t *testing.T) {
	require.Zero(t, unsafe.Sizeof(shard{})%cacheLine, "two shards share a cache line")
	require.LessOrEqual(t, unsafe.Sizeof(State{}), uintptr(32), "one size class more is a third of a goroutine's cost")
	require.LessOrEqual(t, unsafe.Sizeof(Context{}), uintptr(24))
}
