//go:build gls_check || gls_check_asm

package registry

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/goroutine"
)

// TestViolationsPanic violates what each check is for.
func TestViolationsPanic(t *testing.T) {
	states, goOn := make(chan *State), make(chan bool)
	c := new(Context)
	go func() {
		s := LookupOrInsert()
		c.TryEnter(s.ID())
		s.Push(c)
		states <- s
		<-goOn
		s.Pop(c)
		c.Exit()
		s.Remove()
		close(goOn)
	}()
	other := <-states
	require.Panics(t, func() { other.Remove() }, "another goroutine's State")
	require.Panics(t, func() { other.Push(new(Context)) })
	require.Panics(t, func() { other.Pop(c) })
	require.Panics(t, func() { other.SetRoot(new(binding.Cell)) })
	require.Panics(t, func() { c.SetRoot(new(binding.Cell)) }, "another goroutine's Context")
	require.Panics(t, func() { c.Exit() })
	require.Panics(t, func() { Insert(other.ID(), nil) }, "another goroutine's ID")
	require.Panics(t, func() { checkCell(new(binding.Cell), 1) })
	goOn <- true
	<-goOn

	s := LookupOrInsert()
	defer s.Remove()
	s.current.Store(&newState().Scope)
	require.Panics(t, func() { lookupID(goroutine.ID()) }, "in a Scope that is not the own base")
	s.current.Store(&s.Scope)
	s.Remove()
	sh := shardOf(hash(s.ID()))
	sh.mu.Lock()
	sh.free = s
	sh.mu.Unlock()
	require.Same(t, s, LookupOrInsert())
	sh.mu.Lock()
	sh.free = s
	require.Panics(t, sh.checkFree, "a State that is in a slot and free")
	sh.free = nil
}
