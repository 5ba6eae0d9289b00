package tray

import (
	"context"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// needsEvery is how often Windows is asked; it tells changes to windows only.
const needsEvery = 10 * time.Second

const (
	spiGetHighContrast = 0x42
	spiGetScreenReader = 0x46
	hcfHighContrastOn  = 1
)

// highContrast is HIGHCONTRASTW.
type highContrast struct {
	size, flags uint32
	scheme      *uint16
}

var systemParametersInfo = windows.NewLazySystemDLL("user32.dll").NewProc("SystemParametersInfoW")

// watchNeeds tells what the desktop says of its user, and each change of it,
// until ctx ends.
func watchNeeds(ctx context.Context, changed func(Needs)) {
	ticker := time.NewTicker(needsEvery)
	defer ticker.Stop()
	var told Needs
	for {
		if now := askNeeds(); now != told {
			told = now
			changed(now)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func askNeeds() (n Needs) {
	if systemParametersInfo.Find() != nil {
		return n
	}
	var contrast highContrast
	contrast.size = uint32(unsafe.Sizeof(contrast))
	if ok, _, _ := systemParametersInfo.Call(spiGetHighContrast, uintptr(contrast.size), uintptr(unsafe.Pointer(&contrast)), 0); ok != 0 {
		n.Contrast = contrast.flags&hcfHighContrastOn != 0
	}
	var reader uint32 // a BOOL
	if ok, _, _ := systemParametersInfo.Call(spiGetScreenReader, 0, uintptr(unsafe.Pointer(&reader)), 0); ok != 0 {
		n.Reader = reader != 0
	}
	return n
}
