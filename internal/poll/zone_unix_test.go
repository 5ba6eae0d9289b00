//go:build !windows

package poll

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSystemZone(t *testing.T) {
	if _, set := os.LookupEnv("TZ"); set {
		t.Setenv("TZ", "") // brings the old value back afterwards
		require.NoError(t, os.Unsetenv("TZ"))
	}
	dir := t.TempDir()
	zones := filepath.Join(dir, "zoneinfo")
	require.NoError(t, os.MkdirAll(filepath.Join(zones, "Test"), 0o755))
	file := filepath.Join(dir, "localtime")
	move := func(name string, hours byte) {
		require.NoError(t, os.WriteFile(filepath.Join(zones, "Test", name), tzdata(hours), 0o644))
		_ = os.Remove(file)
		require.NoError(t, os.Symlink(filepath.Join(zones, "Test", name), file))
	}
	move("East", 2)
	east, loc := systemZone(file)
	require.NotNil(t, loc)
	assert.Equal(t, "Test/East", loc.String())
	_, offset := day0.In(loc).Zone()
	assert.Equal(t, 2*3600, offset)
	again, _ := systemZone(file)
	assert.Equal(t, east, again)

	move("Other", 2)
	other, _ := systemZone(file)
	assert.NotEqual(t, east, other, "another place, the same time")

	require.NoError(t, os.Remove(file))
	require.NoError(t, os.WriteFile(file, tzdata(3), 0o644))
	_, loc = systemZone(file)
	require.NotNil(t, loc, "a copy is as good as a link")
	_, offset = day0.In(loc).Zone()
	assert.Equal(t, 3*3600, offset)

	require.NoError(t, os.WriteFile(file, []byte("TZif, half wri"), 0o644))
	_, loc = systemZone(file)
	assert.Nil(t, loc)

	t.Setenv("TZ", "Asia/Tokyo")
	_, loc = systemZone(file)
	assert.Nil(t, loc, "TZ overrides the file")
}

// tzdata is a zone file (RFC 8536, version 1) with one type and no changes.
func tzdata(hours byte) []byte {
	b := append([]byte("TZif"), make([]byte, 16)...)
	for _, count := range []byte{0, 0, 0, 0, 1, 4} { // one type, four characters
		b = append(b, 0, 0, 0, count)
	}
	seconds := int(hours) * 3600
	b = append(b, byte(seconds>>24), byte(seconds>>16), byte(seconds>>8), byte(seconds), 0, 0)
	return append(b, "TST\x00"...)
}
