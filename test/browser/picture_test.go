//go:build gls_browser

package browser

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestPicture takes the picture of the README: the page of the orders example
// under load. It keeps it if GLS_PICTURE names a file, as make picture does.
func TestPicture(t *testing.T) {
	p := startOrders(t)
	for i, user := range []string{"ann", "ann", "bob", "carla", "ann"} {
		p.hold(t, fmt.Sprintf("0197c5%02x23e37b4f", 77*i%256), user, "curl/8.5.0")
	}
	p.load(t)
	b := open(t)
	b.run(chromedp.EmulateViewport(1180, 780), scheme("light"), chromedp.Navigate(p.page))
	b.until(`document.documentElement.classList.contains("live")`)
	b.run(chromedp.Navigate(p.url + "/debug/gls?var=user&value=ann&sort=parent"))
	require.Len(t, eval[[]string](b, shown), 3*(suppliers+1))
	var shot []byte
	b.run(chromedp.CaptureScreenshot(&shot))
	picture, err := png.Decode(bytes.NewReader(shot))
	require.NoError(t, err)
	require.Equal(t, image.Pt(1180, 780), picture.Bounds().Size())
	if file := os.Getenv("GLS_PICTURE"); file != "" {
		var small bytes.Buffer
		require.NoError(t, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, paletted(picture)))
		require.NoError(t, os.WriteFile(file, small.Bytes(), 0o644))
	}
}

// paletted returns the picture with its 256 most frequent colours, which are
// all but some at the edges of letters: it is a third as large.
func paletted(picture image.Image) image.Image {
	count := make(map[color.Color]int)
	bounds := picture.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			count[picture.At(x, y)]++
		}
	}
	var palette color.Palette
	for len(palette) < 256 && len(count) > 0 {
		var most color.Color
		for c, n := range count {
			if most == nil || n > count[most] {
				most = c
			}
		}
		palette = append(palette, most)
		delete(count, most)
	}
	out := image.NewPaletted(bounds, palette)
	draw.Draw(out, bounds, picture, bounds.Min, draw.Src)
	return out
}
