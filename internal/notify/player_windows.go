package notify

import (
	"context"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/llutray/llutray/internal/lang"
)

const noPlayer = lang.Error("nothing here can play a sound: winmm.dll, which is part of Windows, is missing")

var playSound = windows.NewLazySystemDLL("winmm.dll").NewProc("PlaySoundW")

// Flags of PlaySound.
const (
	sndAsync     = 0x0001
	sndNoDefault = 0x0002 // silence rather than the system's ding, which would hide a failure
	sndMemory    = 0x0004
)

// winmm plays from memory. The sound is started and waited for here, since the
// synchronous form holds its thread and cannot be ended.
type winmm struct{}

func (winmm) name() string { return "winmm" }

func (winmm) present() bool { return playSound.Find() == nil }

func (winmm) play(ctx context.Context, s Sound) error {
	w := wave(s) // kept for ever by waves, as the asynchronous form requires
	ok, _, _ := playSound.Call(uintptr(unsafe.Pointer(unsafe.SliceData(w))), 0, sndAsync|sndNoDefault|sndMemory)
	if ok == 0 {
		return lang.E("no sound device takes it")
	}
	timer := time.NewTimer(s.length())
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		_, _, _ = playSound.Call(0, 0, 0)
		return ctx.Err()
	}
}

func newInstruments(PlayerOptions) ([]instrument, func()) {
	return []instrument{winmm{}}, func() {}
}
