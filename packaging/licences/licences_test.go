package licences

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

const program = "github.com/llutray/llutray/cmd/llutray"

// TestEverythingLinkedHasALicence fails when a new dependency comes with a
// licence that nobody has agreed to, on any system.
func TestEverythingLinkedHasALicence(t *testing.T) {
	for goos, only := range map[string]string{
		"linux":   "modernc.org/sqlite",
		"windows": "github.com/danieljoos/wincred",
		"darwin":  "fyne.io/systray",
	} {
		components, err := Collect(".", goos, program)
		require.NoError(t, err)
		require.NoError(t, Check(components), goos)
		var names []string
		for _, c := range components {
			names = append(names, c.Name)
		}
		require.Contains(t, names, only)
		require.Contains(t, names, "Go standard library")
		require.Contains(t, names, "DejaVu", "the digits in the icon are drawn after it")
		require.NotContains(t, names, "github.com/stretchr/testify", "tests are not linked")

		var one, two bytes.Buffer
		require.NoError(t, Write(&one, components))
		again, err := Collect(".", goos, program)
		require.NoError(t, err)
		require.NoError(t, Write(&two, again))
		require.Equal(t, one.String(), two.String())
	}
}

func TestCheckRefuses(t *testing.T) {
	require.ErrorContains(t, Check([]Component{{Name: "example.org/none"}}), "example.org/none has no licence file")
	gpl := "GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n"
	require.ErrorContains(t, Check([]Component{{
		Name: "example.org/gpl", Files: []File{{Name: "LICENSE", Kinds: Kinds(gpl), Text: gpl}},
	}}), "example.org/gpl: LICENSE")
}

func TestKinds(t *testing.T) {
	require.Equal(t, []string{"MIT"}, Kinds("Permission is hereby granted, free of charge, to any person obtaining a copy\n * of this software and associated documentation files (the \"Software\")"))
	require.Equal(t, []string{"Apache-2.0"}, Kinds("   Apache License\n   Version 2.0, January 2004\n"))
	require.Empty(t, Kinds("All rights reserved."))
}
