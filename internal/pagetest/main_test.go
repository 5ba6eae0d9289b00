//go:build linux

package pagetest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/llutray/llutray/internal/musthave"
)

var (
	built   string          // the program as it is shipped, built once
	browser context.Context // of the one browser of all tests; nil without one
	axe     string          // the script of axe-core; "" without it
	missing string          // what keeps the tests from running
)

func TestMain(m *testing.M) {
	code, err := setUp(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func setUp(m *testing.M) (int, error) {
	chromium := findChromium()
	script, err := os.ReadFile(filepath.Join("node_modules", "axe-core", "axe.min.js"))
	switch {
	case chromium == "":
		missing = "the page's tests need Chromium: sudo apt-get install --no-install-recommends chromium"
	case err != nil:
		missing = "the page's tests need axe-core: npm ci --prefix internal/pagetest"
	}
	if missing != "" {
		return m.Run(), nil
	}
	axe = string(script)
	dir, err := os.MkdirTemp("", "llutray-page")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	built = filepath.Join(dir, "llutray")
	cmd := exec.Command("go", "build", "-o", built, "github.com/llutray/llutray/cmd/llutray")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("building the program: %w\n%s", err, out)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium), chromedp.DisableGPU,
		// A browser of a test has nothing to say to the world.
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1, EXCLUDE localhost"),
		chromedp.Flag("lang", "en-GB"), chromedp.Env("LANGUAGE=en_GB", "LANG=en_GB.UTF-8", "TZ=UTC"),
	)
	allocator, free := chromedp.NewExecAllocator(context.Background(), options...)
	defer free()
	ctx, quit := chromedp.NewContext(allocator)
	defer quit()
	if err := chromedp.Do(ctx); err != nil {
		return 0, fmt.Errorf("starting the browser: %w", err)
	}
	browser = ctx
	return m.Run(), nil
}

func findChromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// need ends a test where a tool is missing.
func need(t *testing.T) {
	t.Helper()
	if missing != "" {
		musthave.Missing(t, "%s", missing)
	}
}
