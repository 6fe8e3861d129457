package rewrite

import (
	"bytes"
	"go/format"
	"go/scanner"
	"go/token"
	"strings"
)

// drop removes the text between two positions, but for its line breaks in
// the layout that keeps lines.
func (f *File) drop(from, to token.Pos) {
	s := ""
	if f.layout == SameLines {
		s = strings.Repeat("\n", strings.Count(f.text(from, to), "\n"))
	}
	f.replace(from, to, s)
}

// dropPunctuation removes the comma and the ellipsis between two positions, at
// which there is nothing else but comments and blanks.
func (f *File) dropPunctuation(from, to token.Pos) {
	text := f.text(from, to)
	if f.layout == Pretty && strings.Trim(text, ", .\t\n") == "" {
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

// reformat formats out if src, of which it was made, was formatted.
func reformat(src, out []byte) ([]byte, error) {
	formatted, err := format.Source(out)
	if err != nil {
		return nil, err
	}
	if was, err := format.Source(src); err == nil && bytes.Equal(was, src) {
		return formatted, nil
	}
	return out, nil
}
