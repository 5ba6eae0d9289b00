package tray

import (
	"regexp"
	"strings"

	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
)

// Choices of Settings that follow the desktop unless the user decides.
const (
	auto = "auto"
	on   = "on"
)

// Needs are what the desktop says of the person before it.
type Needs struct {
	Contrast bool // asks for high contrast
	Reader   bool // has the screen read aloud
}

// suit brings a view in line with what the user chose, and otherwise with what
// the desktop says.
func suit(v View, n Needs) View {
	decide := func(choice string, told bool) bool { return choice == on || choice == auto && told }
	v.Contrast = decide(v.Settings.Contrast, n.Contrast)
	v.Words = decide(v.Settings.Words, n.Reader)
	return v
}

func look(v View) chart.Look {
	switch v.Settings.Icon {
	case "large":
		return chart.Large
	case "discreet":
		return chart.Discreet
	}
	return chart.Numbered
}

// discreetly is what the tooltip and the icon's name say when whoever looks
// over the shoulder shall read no value and no name.
func discreetly(v View) string {
	switch {
	case v.Reading == nil:
		return "No reading yet."
	case v.Stale:
		return "No new value for " + words(v.Reading.Age(v.Now)) + "."
	}
	r := v.Limits.Of(*v.Reading).Words()
	return strings.ToUpper(r[:1]) + r[1:] + ". The menu tells the value."
}

// Screen readers name signs one by one: "north east arrow", "middle dot",
// "lower one eighth block". In words a line is as long, and is heard in a
// third of the time.
var (
	signs = func() *strings.Replacer {
		pairs := []string{
			" · ", ", ", warning, "Warning: ", indent, "", " – ", ", ", "…", "", "›", "", "‹", "",
			"mmol/L", "millimoles per litre", "mg/dL", "milligrams per decilitre", "−", "down ", "±", "change ",
		}
		for t := glucose.FallingFast; t <= glucose.RisingFast; t++ {
			pairs = append(pairs, " "+t.Arrow(), ", "+t.Words(), t.Arrow(), t.Words())
		}
		return strings.NewReplacer(pairs...)
	}()
	blocks  = regexp.MustCompile(`[\x{2581}-\x{2588}\x{2800}-\x{28FF}\x{00B7}]+ *`)
	plus    = regexp.MustCompile(`\+(\d)`)
	one     = regexp.MustCompile(`\b1 (min|h)\b`)
	minutes = regexp.MustCompile(`(\d) min\b`)
	hours   = regexp.MustCompile(`(\d) h\b`)
)

// aloud writes a line of the menu for those who hear it.
func aloud(line string) string {
	line = signs.Replace(line)
	line = blocks.ReplaceAllString(line, "")
	line = plus.ReplaceAllString(line, "up $1")
	line = one.ReplaceAllStringFunc(line, func(s string) string {
		return strings.NewReplacer("min", "minute", "h", "hour").Replace(s)
	})
	line = minutes.ReplaceAllString(line, "$1 minutes")
	line = hours.ReplaceAllString(line, "$1 hours")
	return strings.TrimSpace(line)
}

// allAloud does the same to a menu.
func allAloud(rows []Item) []Item {
	for i := range rows {
		rows[i].Label = aloud(rows[i].Label)
		allAloud(rows[i].Children)
	}
	return rows
}

// sentence ends a line as one.
func sentence(line string) string {
	if line == "" || strings.ContainsAny(line[len(line)-1:], ".!?") {
		return line
	}
	return line + "."
}
