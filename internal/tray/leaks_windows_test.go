package tray

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/windows"

	"github.com/llutray/llutray/internal/glucose"
)

var (
	guiResources = windows.NewLazySystemDLL("user32.dll").NewProc("GetGuiResources")
	objectType   = windows.NewLazySystemDLL("gdi32.dll").NewProc("GetObjectType")
)

// held is what Windows counts of a process: handles of the kernel, and objects
// that are drawn with, of which an icon has two.
type held struct{ handles, gdi int }

func ownHeld(t *testing.T) (h held) {
	t.Helper()
	runtime.GC()
	// SYSTEM_HANDLE_INFORMATION_EX: a count, and an entry a handle. Wine 8 has
	// no GetProcessHandleCount.
	type entry struct {
		object, process, handle uintptr
		access                  uint32
		_, _                    uint16
		_, _                    uint32
	}
	buffer := make([]uintptr, 1<<19)
	require.NoError(t, windows.NtQuerySystemInformation(windows.SystemExtendedHandleInformation,
		unsafe.Pointer(&buffer[0]), uint32(len(buffer)*8), nil))
	for _, e := range unsafe.Slice((*entry)(unsafe.Pointer(&buffer[2])), buffer[0]) {
		if e.process == uintptr(windows.GetCurrentProcessId()) {
			h.handles++
		}
	}
	n, _, _ := guiResources.Call(uintptr(windows.CurrentProcess()), 0)
	if h.gdi = int(n); n == 0 { // Wine, which takes the lower half of a handle for it
		for i := range uintptr(1 << 16) {
			if kind, _, _ := objectType.Call(i); kind != 0 {
				h.gdi++
			}
		}
	}
	return h
}

// TestWindowsHoldsNoMore shows views that differ in icon, tooltip and menu: once
// each icon has been there, Windows counts no more handles however many come.
func TestWindowsHoldsNoMore(t *testing.T) {
	updates, err := strconv.Atoi(os.Getenv("LLUTRAY_UPDATES"))
	if err != nil {
		t.Skip("it needs a desktop with a taskbar, which the test of desktoptest has: make leaks-windows")
	}
	dir, err := os.MkdirTemp("", "llutray-tray") // not t.TempDir, whose files Wine 8 cannot remove
	require.NoError(t, err)
	defer func() { _ = os.RemoveAll(dir) }()
	t.Setenv("TMP", dir) // where the library writes each icon once
	tr := New(Options{Actions: make(chan Action, 8)})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		done <- tr.Run(ctx)
	}()
	const icons = 70
	files := func() int {
		list, err := filepath.Glob(filepath.Join(dir, "systray_temp_icon_*"))
		require.NoError(t, err)
		return len(list)
	}
	shown := 0
	show := func(n int) {
		t.Helper()
		for range n {
			shown++
			r := glucose.Reading{Time: time.Now(), Value: glucose.MgDL(100 + shown%icons), Trend: glucose.Flat}
			tr.Show(View{Unit: glucose.MgPerDL, Limits: glucose.DefaultLimits, Reading: &r, Now: time.Now(), Version: fmt.Sprint(shown)})
			time.Sleep(2 * time.Millisecond) // else the latest wins, and most are never sent
		}
	}
	for deadline := time.Now().Add(time.Minute); files() < icons; show(icons) {
		require.True(t, time.Now().Before(deadline), "%d icons", files())
	}
	show(updates / 4) // what a start does later than at once is over
	before := ownHeld(t)
	show(updates)
	after := ownHeld(t)
	t.Logf("%d views: %+v, after %d more: %+v", shown-updates, before, updates, after)
	require.Equal(t, icons, files(), "an icon that was there is found again")
	require.Greater(t, before.handles, 20, "they are counted")
	require.Greater(t, before.gdi, icons, "and those of the icons, too")
	require.LessOrEqual(t, after.handles, before.handles+30, "the runtime's threads have five each, and a few may come")
	require.LessOrEqual(t, after.gdi, before.gdi+3)
	cancel()
	require.NoError(t, <-done)
}
