package rewrite

import (
	"bytes"
	"go/format"
	"go/scanner"
	"go/token"
	"strings"
)

// drop removes the text between two positions, except its line breaks in the
// layout that keeps lines.
func (f *File) drop(from, to token.Pos) {
	s := ""
	if f.layout == SameLines {
		s = strings.Repeat("\n", strings.Count(f.text(from, to), "\n"))
	}
	f.replace(from, to, s)
}

// dropPunctuation removes the comma and the ellipsis between two positions.
// Apart from these there may only be comments and blanks.
func (f *File) dropPunctuation(from, to token.Pos) {
	text := f.text(from, to)
	if f.layout == Pretty && strings.Trim(text, ", .\t\r\n") == "" {
		f.replace(from, to, "")
		return
	}
	var (
		s    scanner.Scanner
		fset = token.NewFileSet()
		file = fset.AddFile("", -1, len(text))
	)
	s.Init(file, []byte(text), func(token.Position, string) {}, scanner.ScanComments)
	for {
		pos, tok, _ := s.Scan()
		switch tok {
		case token.EOF:
			return
		case token.COMMA, token.ELLIPSIS:
			at := from + token.Pos(file.Offset(pos))
			f.replace(at, at+token.Pos(len(tok.String())), "")
		}
	}
}

// hasComment reports whether there is a comment between two positions.
func (f *File) hasComment(from, to token.Pos) bool {
	for _, group := range f.ast.Comments {
		if group.Pos() < to && group.End() > from {
			return true
		}
	}
	return false
}

// blankBefore returns the start of the blanks and line breaks in front of p.
func (f *File) blankBefore(p token.Pos) token.Pos {
	before := f.src[:f.offset(p)]
	return p - token.Pos(len(before)-len(bytes.TrimRight(before, " \t\r\n")))
}

// reformat formats out if src, from which it was made, was formatted apart from
// its line endings, which are kept.
func reformat(src, out []byte) ([]byte, error) {
	crlf, lf := []byte("\r\n"), []byte("\n")
	lines := bytes.Count(src, lf)
	uniform := lines > 0 && bytes.Count(src, crlf) == lines
	if uniform {
		src, out = bytes.ReplaceAll(src, crlf, lf), bytes.ReplaceAll(out, crlf, lf)
	}
	formatted, err := format.Source(out)
	if err != nil {
		return nil, err
	}
	if was, err := format.Source(src); err == nil && bytes.Equal(was, src) {
		out = formatted
	}
	if uniform {
		out = bytes.ReplaceAll(out, lf, crlf)
	}
	return out, nil
}
