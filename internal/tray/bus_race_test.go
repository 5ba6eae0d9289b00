//go:build linux

package tray

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var raceReport = regexp.MustCompile(`(?s)={18}\nWARNING: DATA RACE\n.*?={18}\n`)

// withoutTheirRace leaves out the one race of the library alone that is known: until
// our own menu is on the bus its GetLayout answers, and reads the menu's version
// under another lock than the one under which its refresh counts it up. Once ours is
// there nobody asks it.
func withoutTheirRace(stderr string) string {
	return raceReport.ReplaceAllStringFunc(stderr, func(report string) string {
		theirs := strings.Contains(report, "fyne.io/systray.refresh()") && strings.Contains(report, "fyne.io/systray.(*tray).GetLayout()")
		if theirs && !strings.Contains(report, "llutray/llutray/") {
			return ""
		}
		return report
	})
}

func TestOnlyTheirRaceIsLeftOut(t *testing.T) {
	report := func(frames ...string) string {
		return strings.Repeat("=", 18) + "\nWARNING: DATA RACE\nWrite at 0x1 by goroutine 40:\n  " + strings.Join(frames, "\n  ") + "\n" + strings.Repeat("=", 18) + "\n"
	}
	theirs := report("fyne.io/systray.refresh()", "fyne.io/systray.(*tray).GetLayout()")
	for _, ours := range []string{
		report("fyne.io/systray.refresh()"),
		report("fyne.io/systray.refresh()", "fyne.io/systray.(*tray).GetLayout()", "github.com/llutray/llutray/internal/tray.(*menu).GetLayout()"),
	} {
		require.Equal(t, "a\n"+ours+"b\n", withoutTheirRace("a\n"+theirs+ours+theirs+"b\n"))
	}
}
