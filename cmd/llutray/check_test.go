package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/llutray/llutray/internal/app"
	"github.com/llutray/llutray/internal/glucose"
)

// Whatever is broken, each link has one line: what comes before works, and of
// what comes after nothing is claimed.
func TestEachLinkHasALine(t *testing.T) {
	age := int64(30)
	fresh := app.Status{Reading: &app.StatusReading{}, AgeSeconds: &age}
	for _, tt := range []struct {
		kind glucose.FaultKind
		want string // o fine, - not known, and the code of what failed
	}{
		{"", "oooooo"},
		{glucose.Offline, "1----o"},
		{glucose.ServerError, "o1---o"},
		{glucose.Blocked, "o1---o"},
		{glucose.Closed, "o5---o"},
		{glucose.TooOld, "o5---o"},
		{glucose.SignedOut, "--5--o"},
		{glucose.WrongPassword, "oo5--o"},
		{glucose.Terms, "oo5--o"},
		{glucose.NotShared, "ooo1-o"},
		{glucose.SensorEnded, "oooo1o"},
		{glucose.UploadDelayed, "ooooo3"},
		{glucose.ClockFault, "ooooo3"},
	} {
		var f *glucose.Fault
		if tt.kind != "" {
			f = &glucose.Fault{Kind: tt.kind, Message: "It is broken.", Hint: "Mend it."}
		}
		got := ""
		for i, line := range serviceFindings(f, "1 shared with you", "Libre 3 sensor", fresh) {
			require.Equal(t, links[i].what, line.what)
			require.NotEmpty(t, line.text)
			switch {
			case line.ok:
				got += "o"
			case line.code == exitFine:
				got += "-"
			default:
				got += fmt.Sprint(line.code)
				require.Equal(t, "It is broken. Mend it.", line.text)
			}
		}
		require.Equal(t, tt.want, got, tt.kind)
	}
	none := serviceFindings(&glucose.Fault{Kind: glucose.Offline}, "", "", app.Status{})
	require.Contains(t, none[5].text, "not known", "a service that was not reached says nothing about readings")
	require.Equal(t, exitNoReading, serviceFindings(nil, "", "", app.Status{})[5].code)
}
