package tray

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func shape(items []Item) string {
	var b strings.Builder
	walk(items, func(i Item) { fmt.Fprintln(&b, i.ID, i.Separator, i.Checkable, len(i.Children)) })
	return b.String()
}

// roomy are the kinds of rows of which a menu has few or many.
var roomy = map[string]int{"held": kindRows, "snooze": snoozeRows, "people": peopleRows, "duty.of": dutyRows, "passing": passingRows}

// withoutRoom is the shape without those, and without how many rows submenus
// have.
func withoutRoom(items []Item) string {
	var b strings.Builder
	walk(items, func(i Item) {
		if roomy[kindOf(i)] == 0 {
			fmt.Fprintln(&b, i.ID, i.Separator, i.Checkable)
		}
	})
	return b.String()
}

// kindOf is the kind of a row that is one of several, "" for others.
func kindOf(i Item) string {
	if at := strings.LastIndex(i.ID, "."); at > 0 {
		return i.ID[:at]
	}
	return ""
}

func TestLayoutHasOneShape(t *testing.T) {
	alone, want := shape(Layout(View{})), withoutRoom(Layout(View{}))
	for name, v := range views {
		require.Equal(t, want, withoutRoom(Layout(v)), name)
		named := slices.ContainsFunc(v.OffDuty, func(o OffDuty) bool { return o.Name != "" })
		if len(v.People) < 2 && !named {
			require.Equal(t, alone, shape(Layout(v)), "%s: nothing that one person meets needs another menu", name)
		}
	}
	// More of everything than there is room for.
	v := base()
	for i := range 40 {
		v.People = append(v.People, Person{ID: fmt.Sprint(i), Name: "p"})
		v.Snoozable = append(v.Snoozable, Snoozable{Kind: "k", Label: "K", For: make([]time.Duration, 9)})
		v.Standing = append(v.Standing, Standing{Label: "K", Treatable: true})
		v.Snoozes = append(v.Snoozes, Snooze{Kind: "k", Label: "K", Until: now})
		v.Log = append(v.Log, LogEntry{now, "x"})
		v.Settings.Sounds = append(v.Settings.Sounds, Sound{"k", "K", true})
		v.Recent = append(v.Recent, v.Recent[0])
	}
	require.Equal(t, want, withoutRoom(Layout(v)))
	for _, o := range v.People {
		v.OffDuty = append(v.OffDuty, OffDuty{Person: o.ID, Name: o.Name, Until: now})
		v.Passings = append(v.Passings, Passing{Person: o.ID, Name: o.Name, Text: "x", Until: now})
	}
	count := map[string]int{}
	walk(Layout(v), func(i Item) {
		if kind := kindOf(i); roomy[kind] > 0 && !i.Hidden {
			count[kind]++
		}
	})
	require.Equal(t, roomy, count)

	seen := map[string]bool{}
	walk(Layout(v), func(i Item) {
		require.False(t, seen[i.ID], "two rows are called %s", i.ID)
		seen[i.ID] = true
	})
}
