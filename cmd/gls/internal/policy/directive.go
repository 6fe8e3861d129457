package policy

import (
	"go/ast"
	"strings"

	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

const prefix = "//gls:"

// A directive is a comment that decides about a line: //gls:detach REASON.
type directive struct {
	word, reason string
}

type line struct {
	file string
	line int
}

// directives returns the directives of a package by their lines.
func directives(u *rewrite.Unit) map[line]directive {
	all := map[line]directive{}
	for _, f := range u.Files {
		for _, group := range f.Comments {
			for _, c := range group.List {
				text, ok := strings.CutPrefix(c.Text, prefix)
				if !ok {
					continue
				}
				word, reason, _ := strings.Cut(text, " ")
				pos := u.Fset.PositionFor(c.Pos(), false)
				all[line{pos.Filename, pos.Line}] = directive{word, strings.TrimSpace(reason)}
			}
		}
	}
	return all
}

// settled returns the verdict of a comment on the line of n, or alone on the
// line above. A comment without a reason does not count.
func (j *Judge) settled(n ast.Node) (v Verdict, ok bool) {
	pos := j.unit.Fset.PositionFor(n.Pos(), false)
	d, found := j.comments[line{pos.Filename, pos.Line}]
	if !found {
		d, found = j.comments[line{pos.Filename, pos.Line - 1}]
	}
	if !found {
		return v, false
	}
	if d.reason == "" {
		v.Invalid = prefix + d.word + " needs a reason behind it"
		return v, false
	}
	v.Reason = prefix + d.word + " " + d.reason
	switch d.word {
	case "inherit":
		v.Class = Inherit
	case "detach":
		v.Class = Detach
	case "ignore":
		v.Class = Ignore
	default:
		return Verdict{Invalid: prefix + d.word + " is not known: it is detach, inherit or ignore"}, false
	}
	return v, true
}
