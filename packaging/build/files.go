package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// write makes a file and the folders above it, with the mode and time that it
// has in every package, whatever the umask says.
func (b *build) write(path string, data []byte, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path, data, mode); err != nil {
		return err
	}
	return b.settle(path, mode)
}

func (b *build) settle(path string, mode fs.FileMode) error {
	if err := os.Chmod(path, mode); err != nil {
		return err
	}
	return os.Chtimes(path, b.time, b.time)
}

func (b *build) copy(to, from string, mode fs.FileMode) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return b.write(to, data, mode)
}

// compress is gzip without a name and time, as man pages and changelogs want it.
func compress(data []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(data); err != nil {
		return nil, err
	}
	err = z.Close()
	return out.Bytes(), err
}

// each calls f for every file below dir, sorted, with its slash path and mode:
// executable or not, nothing else.
func each(dir string, f func(name string, mode fs.FileMode, data []byte) error) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if info.Mode()&0o100 != 0 {
			mode = 0o755
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return f(filepath.ToSlash(name), mode, data)
	})
}

// tarball packs a folder under a name of its own.
func (b *build) tarball(to, dir, top string) error {
	var raw bytes.Buffer
	w := tar.NewWriter(&raw)
	err := each(dir, func(name string, mode fs.FileMode, data []byte) error {
		h := &tar.Header{
			Name: top + "/" + name, Mode: int64(mode), Size: int64(len(data)), ModTime: b.time,
			Uname: "root", Gname: "root", Typeflag: tar.TypeReg, Format: tar.FormatUSTAR,
		}
		if err := w.WriteHeader(h); err != nil {
			return err
		}
		_, err := w.Write(data)
		return err
	})
	if err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	packed, err := compress(raw.Bytes())
	if err != nil {
		return err
	}
	return b.write(to, packed, 0o644)
}

// zipball is the same for Windows and macOS.
func (b *build) zipball(to, dir, top string) error {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	err := each(dir, func(name string, mode fs.FileMode, data []byte) error {
		h := &zip.FileHeader{Name: top + "/" + name, Method: zip.Deflate, Modified: b.time}
		h.SetMode(mode)
		f, err := w.CreateHeader(h)
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		return err
	})
	if err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return b.write(to, out.Bytes(), 0o644)
}

// checksums writes SHA256SUMS as sha256sum --check reads it.
func (b *build) checksums() error {
	var sums strings.Builder
	err := each(b.dist, func(name string, _ fs.FileMode, data []byte) error {
		_, err := fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(data), name)
		return err
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(os.Stdout, sums.String())
	if err != nil {
		return err
	}
	return b.write(filepath.Join(b.dist, "SHA256SUMS"), []byte(sums.String()), 0o644)
}
