package chart

import (
	"bytes"
	"image"
	"image/png"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/glucose"
)

// TestStoredPNG holds our encoder against image/png: what is read again is the
// same, of the icon and of pictures of any kind.
func TestStoredPNG(t *testing.T) {
	pictures := []*image.RGBA{
		Icon(IconSpec{Number: "5.4", Range: glucose.InRange, Trend: glucose.Rising}, pngSize),
		Icon(IconSpec{Number: "LO", Range: glucose.UrgentLow, Snoozed: true, Contrast: true}, pngSize),
		image.NewRGBA(image.Rect(0, 0, 1, 1)),
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range []image.Rectangle{image.Rect(0, 0, 127, 127), image.Rect(-3, 5, 9, 6)} {
		img := image.NewRGBA(size)
		for i := 0; i < len(img.Pix); i += 4 {
			alpha := random.IntN(256)
			for c := range 3 {
				img.Pix[i+c] = uint8(random.IntN(alpha + 1))
			}
			img.Pix[i+3] = uint8(alpha)
		}
		pictures = append(pictures, img)
	}
	for _, img := range pictures {
		var want bytes.Buffer
		require.NoError(t, png.Encode(&want, img))
		theirs, err := png.Decode(&want)
		require.NoError(t, err)
		ours, err := png.Decode(bytes.NewReader(storedPNG(img)))
		require.NoError(t, err)
		require.Equal(t, theirs.Bounds(), ours.Bounds())
		for y := range theirs.Bounds().Dy() {
			for x := range theirs.Bounds().Dx() {
				wr, wg, wb, wa := theirs.At(x, y).RGBA()
				r, g, b, a := ours.At(x, y).RGBA()
				require.Equal(t, [4]uint32{wr, wg, wb, wa}, [4]uint32{r, g, b, a}, "%d,%d", x, y)
			}
		}
	}
}
