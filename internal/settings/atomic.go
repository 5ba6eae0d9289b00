package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// replaceFile gives a file new content, all of it or nothing: a reader, a
// crash or a full disk never meets a half-written file. The file is readable
// by its owner alone from its first byte on, and its folder is made when
// missing. A symbolic link stays one: people keep their settings in another
// folder and link to it.
func replaceFile(path string, content []byte) error {
	return replaceFileMode(path, content, 0o600)
}

func replaceFileMode(path string, content []byte, mode fs.FileMode) (err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*.tmp") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreMissing(os.Remove(f.Name())))
		}
	}()
	_, err = f.Write(content)
	if err == nil && mode != 0o600 {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync() // else a power cut may leave the new name with no content
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = rename(f.Name(), path)
	}
	if err != nil {
		return err
	}
	return syncDir(dir)
}

// rename tries again for a moment on Windows, where a file that a virus
// scanner or an editor has open can't be replaced.
func rename(from, to string) error {
	const tries, pause = 10, 20 * time.Millisecond
	for i := 1; ; i++ {
		err := os.Rename(from, to)
		if err == nil || runtime.GOOS != "windows" || i == tries {
			return err
		}
		time.Sleep(pause)
	}
}

// syncDir makes the new name survive a power cut. Windows has no such call
// and does it by itself.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// setAside renames a file that can't be read to a name with the date, so that
// nothing of it is lost, and returns that name.
func setAside(path string, now time.Time) (aside string, err error) {
	stem := path + ".broken-" + now.Format("20060102-150405")
	aside = stem
	for n := 2; ; n++ {
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			break
		}
		aside = fmt.Sprintf("%s-%d", stem, n)
	}
	return aside, os.Rename(path, aside)
}
