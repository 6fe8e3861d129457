// Package check has the checks of the programs that the launcher, package
// fresh, starts.
package check

import (
	"fmt"

	"github.com/seed18162548/contextvars/gls"
)

// Equal crashes the process, with a core if GOTRACEBACK is crash, unless got is
// want.
func Equal(what, got, want string) {
	if got != want {
		panic(fmt.Sprintf("fresh: %s: %q, want %q; %+v", what, got, want, gls.ReadStats()))
	}
}
