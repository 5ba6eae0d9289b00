//go:build linux

package desktoptest

import (
	"encoding/binary"
	"os"
	"path/filepath"
)

// GiveRandom gives an old Wine what Go asks Windows for: bcryptprimitives.dll,
// whose ProcessPrng came to Wine with 8.14. This one holds a single export that
// forwards to the same thing of advapi32.
func GiveRandom(prefix string) error {
	path := filepath.Join(prefix, "drive_c", "windows", "system32", "bcryptprimitives.dll")
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	return os.WriteFile(path, forwarder("bcryptprimitives.dll", "ProcessPrng", "ADVAPI32.SystemFunction036"), 0o644)
}

// forwarder is the smallest library of Windows (PE/COFF, x86-64) with one
// export that forwards to another library's.
func forwarder(library, name, target string) []byte {
	const base, align = 0x1000, 0x200
	const directory, tables = 40, 4 + 4 + 2 + 2 // export directory; address, name, ordinal
	le := binary.LittleEndian
	u16 := func(b []byte, vs ...uint16) []byte {
		for _, v := range vs {
			b = le.AppendUint16(b, v)
		}
		return b
	}
	u32 := func(b []byte, vs ...uint32) []byte {
		for _, v := range vs {
			b = le.AppendUint32(b, v)
		}
		return b
	}
	at := func(texts ...string) uint32 {
		n := base + directory + tables
		for _, s := range texts {
			n += len(s) + 1
		}
		return uint32(n)
	}

	section := u32(nil, 0, 0, 0, at(), 1, 1, 1, base+directory, base+directory+4, base+directory+8)
	section = u32(section, at(library, name), at(library)) // an address inside the directory forwards
	section = u16(section, 0, 0)
	section = append(section, library+"\x00"+name+"\x00"+target+"\x00"...)
	size := uint32(len(section))

	out := append([]byte("MZ"), make([]byte, 58)...)
	out = u32(out, 64)
	out = append(out, "PE\x00\x00"...)
	out = u16(out, 0x8664, 1)
	out = u32(out, 0, 0, 0)
	out = u16(out, 240, 0x2022) // a library, executable, large addresses
	out = u16(out, 0x20b, 14)
	out = u32(out, 0, align, 0, 0, 0)
	out = le.AppendUint64(out, 0x180000000)
	out = u32(out, base, align)
	out = u16(out, 6, 0, 0, 0, 6, 0)
	out = u32(out, 0, 2*base, align, 0)
	out = u16(out, 3, 0x100)
	for _, v := range []uint64{0x100000, 0x1000, 0x100000, 0x1000} {
		out = le.AppendUint64(out, v)
	}
	out = u32(out, 0, 16, base, size)
	out = append(out, make([]byte, 8*15)...)
	out = append(out, ".rdata\x00\x00"...)
	out = u32(out, size, base, align, align, 0, 0, 0, 0x40000040)
	out = append(out, make([]byte, align-len(out))...)
	return append(append(out, section...), make([]byte, align-len(section))...)
}
