// Package check is what the programs of the launcher, package fresh, check
// themselves with.
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
