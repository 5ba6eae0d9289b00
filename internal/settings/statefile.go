package settings

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"reflect"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// LoadState reads a JSON file that SaveState wrote into v, a pointer. A
// missing file leaves v as it is. A damaged one is set aside under a name
// with the date, v stays as it is, and notice says so in a sentence.
func LoadState(path string, v any) (notice string, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", lang.E("the state file cannot be read: %w", err)
	}
	// Into a fresh value: JSON that breaks off has filled half of it.
	into := reflect.ValueOf(v).Elem()
	fresh := reflect.New(into.Type())
	if err := json.Unmarshal(text, fresh.Interface()); err != nil {
		// The cause is not told: it may quote the file, and nobody can act on it.
		aside, err := setAside(path, time.Now())
		if err != nil {
			return "", lang.E("the state file is damaged and cannot be set aside: %w", err)
		}
		return lang.F("The state file %s was damaged. It is kept as %s, and a new one is begun.", path, aside), nil
	}
	into.Set(fresh.Elem())
	return "", nil
}

// SaveState writes v as JSON in place of the file at path, all of it or
// nothing, readable by its owner alone.
func SaveState(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err == nil {
		err = replaceFile(path, append(text, '\n'))
	}
	if err != nil {
		return lang.E("the state file cannot be written: %w", err)
	}
	return nil
}
