//go:build !gls_check && !gls_check_asm

package registry

import "github.com/seed18162548/contextvars/internal/binding"

// Checking reports whether ownership is asserted; see check_on.go. Without the
// build tags all checks are empty, and the compiler removes them.
const Checking = false

func (s *State) check()            {}
func (s *Scope) checkWriter()      {}
func (s *State) checkUnused()      {}
func (c *Context) checkEntered()   {}
func (b *Borrowed) checkBorrower() {}
func (sh *shard) checkFree()       {}

// CheckLookup checks what TryLookup returned.
func CheckLookup(s *State) {}

// CheckFind checks what Find returned for q.
func CheckFind(q *binding.Query, found *binding.Cell) {}

func checkSelf(id int64)                         {}
func violated(format string, args ...any)        {}
func checkCell(c *binding.Cell, key binding.Key) {}
