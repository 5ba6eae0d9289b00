package tray

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/llutray/llutray/internal/chart"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
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
		return lang.T("No reading yet.")
	case v.Stale:
		return lang.F("No new value %s.", lang.For(v.Reading.Age(v.Now)))
	}
	return lang.F("%s. The menu tells the value.", lang.Upper(v.Limits.Of(*v.Reading).Words()))
}

// reader writes lines of the menu for those who hear it. Screen readers name
// signs one by one: "north east arrow", "middle dot", "lower one eighth block".
// In words a line is as long, and is heard in a third of the time. A reader is
// of one language: it is made anew for each menu.
type reader struct {
	signs  *strings.Replacer
	short  []*regexp.Regexp // of a length of time
	full   []func(n int) string
	change func(string) string
}

var (
	blocks  = regexp.MustCompile(`[\x{2581}-\x{2588}\x{2800}-\x{28FF}\x{00B7}]+ *`)
	changes = regexp.MustCompile(`[+−±][\d.,]+`)
)

func newReader() reader {
	pairs := []string{
		" · ", ", ", warning, lang.T("Warning: "), indent, "", " – ", ", ", "…", "", "›", "", "‹", "",
		string(glucose.MmolPerL), lang.T("millimoles per litre"), string(glucose.MgPerDL), lang.T("milligrams per decilitre"),
	}
	for t := glucose.FallingFast; t <= glucose.RisingFast; t++ {
		pairs = append(pairs, " "+t.Arrow(), ", "+t.Words(), t.Arrow(), t.Words())
	}
	// A short length of time as package lang writes it, up to the next word.
	length := func(format string) *regexp.Regexp {
		return regexp.MustCompile(strings.Replace(regexp.QuoteMeta(format), "%d", `(\d+)`, 1) + `($|[^\pL])`)
	}
	return reader{
		signs: strings.NewReplacer(pairs...),
		short: []*regexp.Regexp{length(lang.T("%d min")), length(lang.T("%d h"))},
		full: []func(n int) string{
			func(n int) string { return lang.N(n, "%d minute", "%d minutes") },
			func(n int) string { return lang.N(n, "%d hour", "%d hours") },
		},
		change: func(s string) string {
			sign, n := utf8.DecodeRuneInString(s)
			switch sign {
			case '+':
				return lang.F("up %s", s[n:])
			case '−':
				return lang.F("down %s", s[n:])
			}
			return lang.F("change %s", s[n:])
		},
	}
}

// aloud writes one line.
func (r reader) aloud(line string) string {
	line = r.signs.Replace(line)
	line = blocks.ReplaceAllString(line, "")
	line = changes.ReplaceAllStringFunc(line, r.change)
	for i, short := range r.short {
		line = short.ReplaceAllStringFunc(line, func(s string) string {
			parts := short.FindStringSubmatch(s)
			n, err := strconv.Atoi(parts[1])
			if err != nil {
				return s // more digits than a length of time has
			}
			return r.full[i](n) + parts[2]
		})
	}
	return strings.TrimSpace(line)
}

// menu writes a whole menu.
func (r reader) menu(rows []Item) []Item {
	for i := range rows {
		rows[i].Label = r.aloud(rows[i].Label)
		r.menu(rows[i].Children)
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
