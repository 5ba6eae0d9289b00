package icons

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIconIsADropWithAnArrowOnAPlate(t *testing.T) {
	for _, size := range Sizes {
		img, err := png.Decode(bytes.NewReader(PNG(size)))
		require.NoError(t, err)
		require.Equal(t, image.Rect(0, 0, size, size), img.Bounds())
		at := func(x, y float64) color.Color {
			return img.At(int(x*float64(size)/grid), int(y*float64(size)/grid))
		}
		_, _, _, corner := img.At(0, 0).RGBA()
		require.Less(t, corner, uint32(0xFFFF), "the corners are round at %d", size)
		require.Equal(t, blue, rgba(at(1.5, 8)), "plate at %d", size)
		require.Equal(t, white, rgba(at(8, 5)), "drop at %d", size)
		require.Equal(t, blue, rgba(at(8.5, 10)), "arrow at %d", size)
	}
}

func rgba(c color.Color) color.RGBA { return color.RGBAModel.Convert(c).(color.RGBA) }

func TestSVGIsWellFormed(t *testing.T) {
	for _, text := range [][]byte{SVG(), Symbolic()} {
		d := xml.NewDecoder(bytes.NewReader(text))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
		}
	}
	require.Equal(t, 1, strings.Count(string(Symbolic()), "fill="), "a symbolic icon has one colour")
}

// TestContainersHoldTheirFrames reads ICO and ICNS as their readers do.
func TestContainersHoldTheirFrames(t *testing.T) {
	ico := ICO()
	le := binary.LittleEndian
	require.Equal(t, len(icoSizes), int(le.Uint16(ico[4:])))
	for i, size := range icoSizes {
		e := ico[6+16*i:]
		length, offset := le.Uint32(e[8:]), le.Uint32(e[12:])
		requireSquare(t, ico[offset:offset+length], size)
	}

	icns := ICNS()
	be := binary.BigEndian
	require.Equal(t, "icns", string(icns[:4]))
	require.Equal(t, len(icns), int(be.Uint32(icns[4:])))
	rest := icns[8:]
	for _, entry := range icnsTypes {
		require.Equal(t, entry.name, string(rest[:4]))
		length := be.Uint32(rest[4:])
		requireSquare(t, rest[8:length], entry.size)
		rest = rest[length:]
	}
	require.Empty(t, rest)
}

func requireSquare(t *testing.T, frame []byte, size int) {
	t.Helper()
	c, err := png.DecodeConfig(bytes.NewReader(frame))
	require.NoError(t, err)
	require.Equal(t, []int{size, size}, []int{c.Width, c.Height})
}
