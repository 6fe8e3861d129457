package policy

import (
	"fmt"
	"go/token"
	"path/filepath"
	"strings"

	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

// A doubt is the reason why a function cannot be shown to end.
type doubt struct {
	unit *rewrite.Unit
	pos  token.Pos
	// what is a format for a sentence's end: the owner, "its" or "whose", and
	// the place.
	what  string
	lives bool   // it may live long; otherwise nothing is known
	chain []step // the calls that were followed, the outermost first
}

// A step is a call of a function.
type step struct {
	unit *rewrite.Unit
	pos  token.Pos
	name string
}

// noDoubt stands for a function that ends.
var noDoubt = &doubt{}

// maxChain is how many calls of a chain are printed.
const maxChain = 5

// reason returns the doubt as a sentence, for a statement in the file.
func (d *doubt) reason(file string) string {
	place := func(u *rewrite.Unit, pos token.Pos) string {
		at := u.Fset.PositionFor(pos, false)
		if at.Filename == file {
			return fmt.Sprintf("line %d", at.Line)
		}
		return fmt.Sprintf("%s/%s:%d", filepath.Base(filepath.Dir(at.Filename)), filepath.Base(at.Filename), at.Line)
	}
	what := strings.ReplaceAll(d.what, "@", "in "+place(d.unit, d.pos))
	if len(d.chain) == 0 {
		return "it " + what
	}
	var calls []string
	for i, s := range d.chain {
		if i >= maxChain-1 && i < len(d.chain)-1 {
			if i == maxChain-1 {
				calls = append(calls, "…")
			}
			continue
		}
		calls = append(calls, fmt.Sprintf("%s (called in %s)", s.name, place(s.unit, s.pos)))
	}
	return "it calls " + strings.Join(calls, ", which calls ") + ", which " + what
}
