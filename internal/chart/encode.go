package chart

import (
	"encoding/binary"
	"hash/adler32"
	"hash/crc32"
	"image"
)

// pngSize is the side of the one picture that is sent to a tray: four times
// 16 exactly, large enough for panels of 44 and 48 pixels on dense screens,
// and scaled down well by every host tried. 32 is soft at 16, and 16 is not
// enlarged everywhere.
const pngSize = 64

// IconPNG returns the icon for trays that take PNG.
func IconPNG(spec IconSpec) []byte { return storedPNG(Icon(spec, pngSize)) }

// storedPNG encodes a picture of at most 64 kB without compressing it: its
// readers unpack it at once, and image/png works in 0.8 MB of memory for each
// picture even when it only copies, which was two fifths of all that the
// program threw away in an hour.
func storedPNG(img *image.RGBA) []byte {
	size := img.Bounds().Size()
	be, le := binary.BigEndian, binary.LittleEndian
	length := size.Y * (1 + 4*size.X) // each row says how it is filtered: not at all
	out := make([]byte, 0, length+128)
	out = append(out, "\x89PNG\r\n\x1a\n"...)
	chunk := func(kind string, body func()) {
		out = be.AppendUint32(out, 0)
		start := len(out)
		out = append(out, kind...)
		body()
		be.PutUint32(out[start-4:], uint32(len(out)-start-len(kind)))
		out = be.AppendUint32(out, crc32.ChecksumIEEE(out[start:]))
	}
	chunk("IHDR", func() {
		out = be.AppendUint32(be.AppendUint32(out, uint32(size.X)), uint32(size.Y))
		out = append(out, 8, 6, 0, 0, 0) // bits of each of red, green, blue, alpha
	})
	chunk("IDAT", func() {
		out = append(out, 0x78, 0x01, 1) // zlib; one stored block, the last
		out = le.AppendUint16(out, uint16(length))
		out = le.AppendUint16(out, ^uint16(length))
		start := len(out)
		for y := range size.Y {
			out = append(out, 0)
			for x := range size.X {
				p := img.RGBAAt(img.Rect.Min.X+x, img.Rect.Min.Y+y)
				out = append(out, straight(p.R, p.A), straight(p.G, p.A), straight(p.B, p.A), p.A)
			}
		}
		out = be.AppendUint32(out, adler32.Checksum(out[start:]))
	})
	chunk("IEND", func() {})
	return out
}

// straight is a channel that was multiplied with alpha without that, rounded
// as image/color rounds.
func straight(c, alpha uint8) uint8 {
	if alpha == 0 {
		return 0
	}
	const wide = 0x101 // 8 bits to 16
	return uint8(uint32(c) * wide * 0xffff / (uint32(alpha) * wide) >> 8)
}

// icoFrames are the frames of a Windows icon: a side and how often each pixel
// of the drawing is repeated. Windows loads the 32-pixel frame and the taskbar
// shrinks it to 16, perhaps by dropping pixels; a drawing made for 16 with
// every pixel doubled comes out exact whatever the shrinking does.
var icoFrames = []struct{ side, repeat int }{{16, 1}, {32, 2}, {48, 2}, {64, 2}}

// The layout of an ICO file: a header and a directory, then for each frame a
// bitmap header, the pixels bottom up as blue, green, red, alpha, and a
// 1-bit mask for programs that do not look at alpha.
const (
	icoHeader    = 6
	icoEntry     = 16
	bitmapHeader = 40
	icoType      = 1
	bitsPerPixel = 32
)

// IconICO returns the icon for Windows. The frames are bitmaps, not PNG,
// which older shells show with red and blue exchanged.
func IconICO(spec IconSpec) []byte {
	frames := make([][]byte, len(icoFrames))
	for i, f := range icoFrames {
		frames[i] = bitmap(enlarge(Icon(spec, f.side/f.repeat), f.repeat))
	}
	le := binary.LittleEndian
	out := le.AppendUint16(nil, 0)
	out = le.AppendUint16(out, icoType)
	out = le.AppendUint16(out, uint16(len(frames)))
	offset := icoHeader + icoEntry*len(frames)
	for i, f := range icoFrames {
		out = append(out, byte(f.side), byte(f.side), 0, 0)
		out = le.AppendUint16(out, 1) // colour planes
		out = le.AppendUint16(out, bitsPerPixel)
		out = le.AppendUint32(out, uint32(len(frames[i])))
		out = le.AppendUint32(out, uint32(offset))
		offset += len(frames[i])
	}
	for _, f := range frames {
		out = append(out, f...)
	}
	return out
}

func enlarge(src *image.RGBA, by int) *image.RGBA {
	side := src.Bounds().Dx() * by
	dst := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			dst.SetRGBA(x, y, src.RGBAAt(x/by, y/by))
		}
	}
	return dst
}

func bitmap(img *image.RGBA) []byte {
	side := img.Bounds().Dx()
	maskRow := (side + 31) / 32 * 4 // rows are padded to four bytes
	le := binary.LittleEndian
	out := le.AppendUint32(nil, bitmapHeader)
	out = le.AppendUint32(out, uint32(side))
	out = le.AppendUint32(out, uint32(2*side)) // pixels and mask count as one picture
	out = le.AppendUint16(out, 1)
	out = le.AppendUint16(out, bitsPerPixel)
	out = le.AppendUint32(out, 0) // not compressed
	out = le.AppendUint32(out, uint32(side*side*4+side*maskRow))
	out = append(out, make([]byte, 16)...) // resolution and palette: none
	mask := make([]byte, 0, side*maskRow)
	for y := side - 1; y >= 0; y-- {
		row := make([]byte, maskRow)
		for x := range side {
			p := img.RGBAAt(x, y)
			out = append(out, p.B, p.G, p.R, p.A)
			if p.A == 0 {
				row[x/8] |= 0x80 >> (x % 8)
			}
		}
		mask = append(mask, row...)
	}
	return append(out, mask...)
}
