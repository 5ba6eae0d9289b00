package app

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/settings"
)

// A language that is chosen in the settings is spoken at once, and a change of
// something else leaves the one that is spoken alone.
func TestLanguageOfTheSettings(t *testing.T) {
	defer lang.Use(lang.English)
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t, "")
		change := make(chan settings.Settings)
		h.opt.WatchSettings = func(ctx context.Context, _ string, f func(settings.Settings, error)) error {
			for {
				select {
				case s := <-change:
					f(s, nil)
				case <-ctx.Done():
					return nil
				}
			}
		}
		h.run()
		time.Sleep(time.Second)
		change <- parsed(t, "display.language = \"pl\"\n")
		time.Sleep(time.Second)
		require.Equal(t, "pl", lang.Code())

		lang.Use("fr")
		change <- parsed(t, "display.language = \"pl\"\nlog.level = \"debug\"\n")
		time.Sleep(time.Second)
		require.Equal(t, "fr", lang.Code())
		h.end()
	})
}
