package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/llutray/llutray/internal/app"
)

// browserTime is how long a desktop's opener may take to find that it has no
// browser. Some of them stay until the browser ends.
const browserTime = 3 * time.Second

// browse opens an address in the user's browser.
func browse(address string) error {
	name, args := "xdg-open", []string{address}
	switch {
	case runtime.GOOS == "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	case runtime.GOOS == "darwin":
		name = "open"
	case os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "":
		return app.ErrNoBrowser
	}
	if _, err := exec.LookPath(name); err != nil {
		return app.ErrNoBrowser
	}
	cmd := exec.Command(name, args...) //nolint:noctx // it is to outlive us
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%w (%w)", app.ErrNoBrowser, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("%w (%s: %w)", app.ErrNoBrowser, name, err)
		}
	case <-time.After(browserTime):
	}
	return nil
}
