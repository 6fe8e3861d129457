// Package contender implements the same few operations with different ways to
// carry values along a call chain, so that they can be compared: this library,
// the standard library, handwritten code, and the lower bounds that none of
// them can beat. Third-party libraries are in the module bench/peers.
//
// These rules make the comparison fair:
//
//   - Every contender has its own loops. A loop calls what a user would call,
//     and the compiler may inline what it would inline for the user.
//   - Values are integers above 255 or strings made at run time, which have to
//     be allocated when they become interface values.
//   - Results are used: Get passes their sum to Keep, and what must be
//     allocated is stored in a global variable.
//   - A reference is used as its documentation shows. If another way is faster,
//     that is a separate contender.
package contender

import "sync/atomic"

// A Contender is one way to carry values. Operations that it does not have are
// nil.
type Contender struct {
	// Name is the value of impl= in names of benchmarks.
	Name string
	// Module is where it comes from, empty for the standard library and for
	// what is written here.
	Module string
	// About describes it, and Lacks lists what others have and it has not.
	About, Lacks string

	// Get reads the variable that was bound first, of vars that are bound.
	// GetNewest reads the one that was bound last.
	Get, GetNewest func(vars int) Case
	// GetTurn reads eight variables in turn, with nothing else bound. One of
	// the reads is an operation.
	GetTurn func() Case
	// GetLatency reads the variable that was bound first, of vars. The value
	// says which variable the next operation reads: none begins before the one
	// before it has ended.
	GetLatency func(vars int) Case
	// Unset reads a variable that is not bound, beside vars that are.
	Unset func(vars int) Case
	// Set binds one more variable, beside vars that are bound, and undoes it.
	Set func(vars int) Case
	// Rebind binds the first of vars variables again, and undoes it.
	Rebind func(vars int) Case
	// Copy takes a copy of all vars bindings.
	Copy func(vars int) Case
	// Spawn starts a goroutine that inherits vars bindings and does nothing,
	// and waits for it.
	Spawn func(vars int) Case
	// Request binds three strings, reads them ten times in all, and unbinds
	// them, as a server does in a request.
	Request func() Case

	// Hold binds one variable, calls park, and unbinds it.
	Hold func(park func())
	// Leave binds one variable and does not unbind it, if it can.
	Leave func()
}

// A Case sets up the calling goroutine, calls run with the loop to time, and
// cleans up when run returns.
type Case func(run func(loop Loop))

// A Loop does an operation n times.
type Loop func(n int)

// MaxVars is the largest number of variables that a Case can be asked to bind.
const MaxVars = 128

// Own returns the contenders that need nothing but this module: the library
// first, then the references from the best known to the floors.
func Own() []Contender {
	return []Contender{GLS(), Context(), ContextPointer(), SyncMap(), RWMutex(), Parameter(), Goid(), SlowID()}
}

// gets is how many times Request reads.
const gets = 10

// kept is the sum of all results, so that no loop can be optimised away.
var kept int64

// Keep makes x observable. It is called once a loop, not once an operation: it
// writes memory that is shared between cores.
func Keep(x int) { atomic.AddInt64(&kept, int64(x)) }

// Kept returns the sum of all that was kept, for tests.
func Kept() int { return int(atomic.LoadInt64(&kept)) }

// Value returns the value that the i-th variable is bound to.
func Value(i int) int { return 1000 + i }

// Identity returns what Request binds. The strings are made at run time: the
// compiler would box constants in static memory.
func Identity() (request, user, tenant string) {
	letters := []byte("request-4711 alice acme")
	return string(letters[:12]), string(letters[13:18]), string(letters[19:])
}
