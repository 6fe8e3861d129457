package main

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"regexp"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A style is how a contender looks in every picture: a colour for light and one
// for dark pages.
type style struct {
	who         string
	light, dark color.RGBA
	width       vg.Length
	dashes      []vg.Length
}

// Of what is not a contender.
var (
	faint    = rgb(0x57606A)
	hairline = rgb(0xD8DEE4)
)

var dotted = []vg.Length{4, 3}

// styles are in the order of legends. The library's line is the thick one, the
// floors are dashed.
var styles = []style{
	{"gls", rgb(0x0969DA), rgb(0x58A6FF), 2.6, nil},
	{"routine", rgb(0xBC4C00), rgb(0xF0883E), 1.4, nil},
	{"jtolds", rgb(0x8250DF), rgb(0xBC8CFF), 1.4, nil},
	{"tylerb", rgb(0xBF3989), rgb(0xF778BA), 1.4, nil},
	{"context", rgb(0x1A7F37), rgb(0x56D364), 1.4, nil},
	{"context-ptr", rgb(0x4D8F2B), rgb(0x9BE9A8), 1.2, dotted},
	{"syncmap", rgb(0x9A6700), rgb(0xE3B341), 1.4, nil},
	{"rwmutex", rgb(0x0F766E), rgb(0x39C5BB), 1.4, nil},
	{"parameter", rgb(0x6E7781), rgb(0xB1BAC4), 1.4, nil},
	{"none", rgb(0x6E7782), rgb(0xB1BAC5), 1.4, nil},
	{"goid", rgb(0x424A53), rgb(0xD0D7DE), 1.2, dotted},
	{"slowid", rgb(0xA40E26), rgb(0xFFA198), 1.2, dotted},
	{"empty", rgb(0x8C959F), rgb(0x8B949E), 1.2, dotted},
}

func rgb(x uint32) color.RGBA {
	return color.RGBA{uint8(x >> 16), uint8(x >> 8), uint8(x), 0xFF}
}

func hex(c color.RGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

func seriesNames() []string {
	var names []string
	for _, s := range styles {
		names = append(names, s.who)
	}
	return names
}

func styleOf(who string) style {
	for _, s := range styles {
		if s.who == who {
			return s
		}
	}
	panic("no style for " + who)
}

// themeCSS are the colours of pictures as variables that follow the reader's
// theme.
func themeCSS() string {
	light := fmt.Sprintf("--faint:%s;--line:%s;", hex(faint), hex(hairline))
	dark := "--faint:#9198A1;--line:#30363D;"
	for _, s := range styles {
		light += fmt.Sprintf("--%s:%s;", s.who, hex(s.light))
		dark += fmt.Sprintf("--%s:%s;", s.who, hex(s.dark))
	}
	return fmt.Sprintf("svg{%s}@media(prefers-color-scheme:dark){svg{%s}}", light, dark)
}

// Things in the SVG that gonum writes.
var (
	prologue   = regexp.MustCompile(`(?s)^.*?<svg [^>]*>`)
	background = regexp.MustCompile(`<path d="[^"]*" style="fill:#[0-9A-F]{6};fill-opacity:0" />\n`)
	fontStyle  = regexp.MustCompile(`font-family:[^;"]*;font-variant:normal;font-weight:normal;font-style:normal;`)
)

// svg returns the picture as an SVG document that follows the reader's theme.
// It may be put into a page as it is.
func (d *drawing) svg(title string) (string, error) {
	canvas := vgsvg.New(pictureWidth, d.height)
	d.place(draw.New(canvas))
	var buf bytes.Buffer
	if _, err := canvas.WriteTo(&buf); err != nil {
		return "", err
	}
	s := background.ReplaceAllString(buf.String(), "")
	s = fontStyle.ReplaceAllString(s, "")
	replace := []string{hex(faint), "var(--faint)", hex(hairline), "var(--line)"}
	for _, st := range styles {
		replace = append(replace, hex(st.light), "var(--"+st.who+")")
	}
	s = strings.NewReplacer(replace...).Replace(s)
	head := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %g" role="img" font-family="system-ui,sans-serif"><title>%s</title><style>%s</style>`,
		pictureWidth, float64(d.height), html.EscapeString(title), themeCSS())
	return prologue.ReplaceAllString(s, head), nil
}
