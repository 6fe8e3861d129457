// Package paint colours text on a terminal, but not in files and pipes.
package paint

import (
	"io"
	"os"
)

// A Painter colours text if it is true.
type Painter bool

// For returns a Painter for text that is written to w. It colours the text if w
// is a terminal, unless the environment variable NO_COLOR is set or TERM is
// dumb.
func For(w io.Writer) Painter {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return Painter(err == nil && info.Mode()&os.ModeCharDevice != 0)
}

// Good makes text green.
func (p Painter) Good(text string) string { return p.paint("32", text) }

// Bad makes text bold red. Bold stands out for people who do not see red.
func (p Painter) Bad(text string) string { return p.paint("1;31", text) }

// Warn makes text bold yellow.
func (p Painter) Warn(text string) string { return p.paint("1;33", text) }

// Heading makes text bold.
func (p Painter) Heading(text string) string { return p.paint("1", text) }

func (p Painter) paint(code, text string) string {
	if !p {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
