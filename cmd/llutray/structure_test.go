package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestImportsRunOneWay holds the structure: who may import whom. A package
// that is not listed may import nothing of ours.
func TestImportsRunOneWay(t *testing.T) {
	const module = "github.com/llutray/llutray/"
	allowed := map[string]string{
		"cmd/llutray":          "*",
		"internal/app":         "*",
		"internal/desktoptest": "*", // a test of the whole program
		"internal/pagetest":    "*", // likewise
		"internal/costtest":    "*", // likewise
		"internal/chaos":       "*", // likewise
		"internal/tray":        "glucose chart",
		"internal/chart":       "glucose stats", // it draws what stats computes
		"internal/stats":       "glucose",
		"internal/report":      "glucose stats chart",
		"internal/poll":        "glucose",
		"internal/libre":       "glucose",
		"internal/alarm":       "glucose",
		"internal/history":     "glucose alarm",
		"internal/imports":     "glucose",
		"internal/settings":    "glucose alarm",
		"internal/page":        "glucose chart stats report",
		"internal/notify":      "",
		"internal/libretest":   "",
		"internal/glucose":     "",
		"internal/musthave":    "", // of tests
		"packaging":            "",

		"internal/costtest/floor": "",

		"internal/lang":          "",
		"internal/lang/gather":   "",
		"internal/lang/langtest": "", // for tests

		"packaging/icons":       "",
		"packaging/licences":    "",
		"packaging/build":       "packaging packaging/icons packaging/licences",
		"packaging/installtest": "", // tests only

		// What carries alarms and values elsewhere.
		"internal/relay":          "glucose alarm",
		"internal/mqtt":           "glucose alarm",
		"internal/nightscout":     "glucose",
		"internal/nightscouttest": "",
		"internal/hook":           "",
		"internal/busapi":         "glucose alarm",
	}
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", module+"...").Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		pkg := strings.TrimPrefix(fields[0], module)
		may, known := allowed[pkg]
		require.True(t, known, "package %s is not in the plan; say here what it may import", pkg)
		if may == "*" {
			continue
		}
		for _, imp := range fields[1:] {
			ours, ok := strings.CutPrefix(imp, module)
			if !ok {
				continue
			}
			if ours == "internal/lang" {
				continue // texts for people come from anywhere
			}
			require.Contains(t, strings.Fields(may), strings.TrimPrefix(ours, "internal/"), "%s must not import %s", pkg, ours)
		}
	}
}
