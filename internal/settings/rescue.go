package settings

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// Rescue sets a settings file aside that is no text any more, as a disk or a
// power cut may leave it, and puts the copy of when it was last good in its place.
// It returns a sentence about that, or nothing. A mistake in a text is its
// writer's to mend, and stays where it is.
//
// A file without a word is damaged as well if the copy has any: whoever wants
// the usual limits removes it.
func Rescue(path, good string) (notice string, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", nil //nolint:nilerr // there is none, or loading it tells why it can't be read
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // people keep their settings in another folder and link to it
	}
	before, err := os.ReadFile(good)
	usable := err == nil && len(bytes.TrimSpace(before)) > 0 && isText(before)
	if isText(text) && (len(bytes.TrimSpace(text)) > 0 || !usable) {
		return "", nil
	}
	aside, err := setAside(path, time.Now())
	if err != nil {
		return "", lang.E("the settings file is damaged and cannot be set aside: %w", err)
	}
	if !usable {
		return lang.F("The settings file %s was damaged. It is kept as %s, and the usual settings are in force: please look through them.", path, aside), nil
	}
	if err := replaceFile(path, before); err != nil {
		// Without a file the usual settings would be in force, and be taken for the
		// last good ones.
		err = errors.Join(err, rename(aside, path))
		return "", lang.E("the settings file was damaged, and its last good copy cannot be put in its place: %w", err)
	}
	return lang.F("The settings file %s was damaged. It is kept as %s, and the settings of before are in its place.", path, aside), nil
}

// isText reports whether a file is a text of whatever encoding: a zero byte is in
// none but UTF-16, which Windows' editor can write.
func isText(b []byte) bool {
	return !bytes.ContainsRune(b, 0) || bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff"))
}
