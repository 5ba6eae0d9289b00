//go:build !windows

package main

import (
	"io/fs"
	"os"
	"syscall"
)

// ours reports whether a folder is this user's, and theirs alone.
func ours(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Getuid() && info.Mode().Perm()&0o022 == 0
}
