package app

import (
	"context"
	"strings"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
	"github.com/llutray/llutray/internal/page"
	"github.com/llutray/llutray/internal/settings"
)

// Settings are all keys of the file with their values. Of a broken file none
// are shown: they would not be the ones in force.
func (p *Page) Settings(context.Context) (page.Settings, error) {
	out := page.Settings{Path: p.opt.Paths.Settings, Sections: []page.Section{}}
	set, err := settings.Load(p.opt.Paths.Settings)
	if out.Error = errorText(err); out.Error != "" {
		return out, nil
	}
	for _, k := range set.Keys() {
		if k.ByHand {
			continue
		}
		name, doc := settings.Section(k.Key)
		last := len(out.Sections) - 1
		if last < 0 || out.Sections[last].Name != name {
			out.Sections = append(out.Sections, page.Section{Name: name, Title: sectionTitle(name), Doc: oneLine(doc)})
			last++
		}
		value, err := settings.Get(set, k.Key)
		if err != nil {
			return page.Settings{}, err
		}
		out.Sections[last].Keys = append(out.Sections[last].Keys, pageKey(k, value, set.Unit))
	}
	return out, nil
}

// pageKey shows a key with its bounds in the user's unit.
func pageKey(k settings.KeyInfo, value string, u glucose.Unit) page.Key {
	out := page.Key{
		Key: k.Key, Label: sentenceCase(k.Key[strings.LastIndexByte(k.Key, '.')+1:]), Type: k.Type,
		Value: value, Default: k.Default, Doc: oneLine(k.Doc), Allowed: k.Allowed, Options: append([]string{}, k.Options...), Names: append([]string{}, k.Names...),
	}
	switch k.Type {
	case "true or false":
		out.Type = "flag"
	case "limit":
		out.Unit, out.Value, out.Default = string(u), inUnit(value, u), inUnit(k.Default, u)
		bound := func(v glucose.MgDL) *float64 {
			if u == glucose.MmolPerL {
				return ptr(v.Mmol())
			}
			return ptr(float64(v))
		}
		out.Min, out.Max = bound(k.Least), bound(k.Most)
	case "duration":
		out.Unit, out.Min, out.Max = "min", ptr(k.Shortest.Minutes()), ptr(k.Longest.Minutes())
	case "word":
	default:
		out.Type = "text"
	}
	return out
}

// sectionTitle is the name of a section for people; the alarms' are as
// everywhere.
func sectionTitle(name string) string {
	kind, of, _ := strings.Cut(name, ".")
	switch {
	case name == "":
		return lang.T("General")
	case name == "alarms.off_duty":
		return lang.F("Alarm: %s", lang.T("off duty"))
	case kind == "alarms":
		return lang.F("Alarm: %s", lang.Lower(alarm.Kind(of).Label()))
	case kind == "quiet":
		return lang.F("Quiet hours: %s", quietName(of))
	case kind == "accounts":
		return lang.F("Account %s", of)
	case kind == "people":
		who, rest, deeper := strings.Cut(of, ".")
		if deeper {
			return lang.F("For %s: %s", who, lang.Lower(sectionTitle(rest)))
		}
		return lang.F("Person: %s", who)
	}
	switch name {
	case "dbus":
		return "D-Bus"
	case "mqtt":
		return "MQTT"
	}
	if title, ok := sectionTitles[name]; ok {
		return lang.T(title)
	}
	return sentenceCase(name)
}

// sectionTitles are those of the sections that are no names of anything.
var sectionTitles = map[string]string{
	"account": lang.Mark("Account"), "display": lang.Mark("Display"), "hook": lang.Mark("Hook"), "limits": lang.Mark("Limits"),
	"log": lang.Mark("Log"), "network": lang.Mark("Network"), "power": lang.Mark("Power"), "privacy": lang.Mark("Privacy"), "speech": lang.Mark("Speech"),
}

// quietName is the name of quiet hours: one of ours, or the user's own.
func quietName(name string) string {
	switch name {
	case "night":
		return lang.C("quiet", "night")
	case "day":
		return lang.C("quiet", "day")
	case "away":
		return lang.C("quiet", "away")
	}
	return name
}

func sentenceCase(word string) string {
	word = strings.ReplaceAll(word, "_", " ")
	return strings.ToUpper(word[:1]) + word[1:]
}

func oneLine(doc string) string { return strings.ReplaceAll(doc, "\n", " ") }

// Set changes one setting in the file; the watch on the file brings it in
// force, as if the user had edited it.
func (p *Page) Set(_ context.Context, key, value string) error {
	if settings.ByHand(key) {
		return &page.Problem{Message: lang.T("The page does not change what is run on this computer."), Hint: lang.F("Change it in the settings file: %s", p.opt.Paths.Settings)}
	}
	if err := settings.Set(p.opt.Paths.Settings, key, value); err != nil {
		return problem(err)
	}
	return nil
}
