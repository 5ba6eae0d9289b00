package settings

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// KeyInfo describes one key of the settings file.
type KeyInfo struct {
	Key     string // dotted: "alarms.low.limit"
	Type    string // "true or false", "limit", "duration", "word", "text"
	Allowed string // for people: "60 to 100 mg/dL (3.3 to 5.6 mmol/L)"; "" for anything
	Default string // as Get prints it
	Doc     string // one or more sentences

	Options           []string      // words that are allowed, all of them or beside a limit
	Names             []string      // what Options are called, where they have names of their own; "" for one without
	Least, Most       glucose.MgDL  // bounds of a limit; 0 for another type
	Shortest, Longest time.Duration // bounds of a duration; Longest is 0 for another type

	// ByHand: it decides what is run on this computer, and is changed in the
	// file or by the command only. Who gets hold of the page gets no further.
	ByHand bool
}

// key is one key with the way to and from its field.
type key struct {
	name, typ    string
	allowed, doc phrase
	// read takes a value as TOML has it, or as text.
	read func(s *Settings, value any) error
	// text is the present value as people type it.
	text func(s Settings) string
	// bare tells that the text needs no quotes in TOML.
	bare func(text string) bool
	// set tells whether the settings have it; nil for a key that always is.
	set func(s Settings) bool
	// standard is the default for people, instead of the value in Default.
	standard string

	options, names    []string
	least, most       glucose.MgDL
	shortest, longest time.Duration
	byHand            bool
}

func byHand(k key) key {
	k.byHand = true
	return k
}

// ByHand reports whether a setting is KeyInfo.ByHand.
func ByHand(name string) bool {
	k, _ := find(canonical(name))
	return k.byHand
}

func (k key) toml(s Settings) string {
	t := k.text(s)
	if k.bare != nil && k.bare(t) {
		return t
	}
	return quote(t)
}

// section is the part of the name that is a table in the file, "" for none.
func (k key) section() string {
	if i := strings.LastIndexByte(k.name, '.'); i >= 0 {
		return k.name[:i]
	}
	return ""
}

func (k key) last() string { return k.name[strings.LastIndexByte(k.name, '.')+1:] }

func (k key) isSet(s Settings) bool { return k.set == nil || k.set(s) }

// Keys lists every key that a file has without sections of the user's own, in
// the order of the file.
func Keys() []KeyInfo { return Default().Keys() }

// Keys lists every key that these settings have, those of the user's own
// sections last.
func (s Settings) Keys() []KeyInfo {
	var out []KeyInfo
	d := Default()
	for _, k := range keysOf(s) {
		standard := k.standard
		switch standard {
		case "":
			standard = k.text(d)
		case asForEveryone:
			standard = lang.T("as for everyone")
		}
		out = append(out, KeyInfo{
			Key: k.name, Type: k.typ, Allowed: k.allowed.String(), Default: standard, Doc: k.doc.String(),
			Options: k.options, Names: k.names, Least: k.least, Most: k.most, Shortest: k.shortest, Longest: k.longest, ByHand: k.byHand,
		})
	}
	return out
}

// Section is the words above a table of the file: its name, as in the keys of
// it, and what it is about. The keys before the first table are in "".
func Section(key string) (name, doc string) {
	k, _ := find(key)
	if k.section() == "" {
		return "", ""
	}
	return k.section(), sectionDoc(k.section()).String()
}

// Get returns a setting as people type it.
func Get(s Settings, name string) (string, error) {
	name = canonical(name)
	k, ok := find(name)
	if !ok {
		return "", unknownKey(name)
	}
	return k.text(s), nil
}

// find returns a key by its name, be it of everybody's or of a section that
// the user named.
func find(name string) (key, bool) {
	if k, ok := index[name]; ok {
		return k, true
	}
	return findNamed(name)
}

// index is keys by name.
var index = func() map[string]key {
	m := map[string]key{}
	for _, k := range keys {
		m[k.name] = k
	}
	return m
}()

func unknownKey(name string) *Error {
	e := &Error{Key: name, Message: lang.T("there is no such setting")}
	if meant := suggest(name); meant != "" {
		e.Message = lang.F("there is no such setting: did you mean %s?", meant)
	}
	return e
}

// flag is a key that is true or false.
func flag(name, doc string, field func(*Settings) *bool) key {
	return key{
		name: name, doc: phrase{text: doc}, typ: "true or false", allowed: phrase{text: lang.Mark("true or false")},
		read: func(s *Settings, value any) error {
			switch v := value.(type) {
			case bool:
				*field(s) = v
				return nil
			case string:
				switch strings.ToLower(strings.TrimSpace(v)) {
				case "true", "on", "yes":
					*field(s) = true
					return nil
				case "false", "off", "no":
					*field(s) = false
					return nil
				}
			}
			return lang.E("%s is not allowed: use true or false", shown(value))
		},
		text: func(s Settings) string { return fmt.Sprint(*field(&s)) },
		bare: func(string) bool { return true },
	}
}

// word is a key with a few allowed values, given as pairs of the word in the
// file and the value in the program.
func word[T comparable](name, doc string, field func(*Settings) *T, pairs ...pair[T]) key {
	var options, words []string
	for _, p := range pairs {
		options, words = append(options, p.word), append(words, quote(p.word))
	}
	allowed := either(words)
	return key{
		name: name, doc: phrase{text: doc}, typ: "word", allowed: allowed, options: options,
		read: func(s *Settings, value any) error {
			if v, ok := value.(string); ok {
				for _, p := range pairs {
					if strings.EqualFold(strings.TrimSpace(v), p.word) {
						*field(s) = p.value
						return nil
					}
				}
			}
			return lang.E("%s is not allowed: use %s", shown(value), allowed)
		},
		text: func(s Settings) string {
			i := slices.IndexFunc(pairs, func(p pair[T]) bool { return p.value == *field(&s) })
			if i < 0 {
				return fmt.Sprint(*field(&s))
			}
			return pairs[i].word
		},
	}
}

type pair[T any] struct {
	word  string
	value T
}

// span is a key that is a duration within bounds. A bare number is minutes.
func span(name, doc string, field func(*Settings) *time.Duration, least, most time.Duration) key {
	allowed := phrase{lang.Mark("%s to %s"), []any{period(least), period(most)}}
	return key{
		name: name, doc: phrase{text: doc}, typ: "duration", allowed: allowed, shortest: least, longest: most,
		read: func(s *Settings, value any) error {
			d, err := readPeriod(value)
			if err != nil {
				return err
			}
			if d < least || d > most {
				return lang.E("%s is not allowed: use %s", period(d), allowed)
			}
			*field(s) = d
			return nil
		},
		text: func(s Settings) string { return period(*field(&s)) },
	}
}

// level is a key that is a glucose limit within bounds.
func level(name, doc string, field func(*Settings) *glucose.MgDL, least, most glucose.MgDL) key {
	allowed := phrase{lang.Mark("%d to %d mg/dL (%s to %s mmol/L)"), []any{least, most, mmol(least), mmol(most)}}
	return key{
		name: name, doc: phrase{text: doc}, typ: "limit", allowed: allowed, least: least, most: most,
		read: func(s *Settings, value any) error {
			v, unit, err := readLevel(value)
			if err != nil {
				return err
			}
			if unit == glucose.MmolPerL {
				// 3.3 mmol/L is 59 mg/dL, and so is shown like the allowed 60.
				switch v.Mmol() {
				case least.Mmol():
					v = max(v, least)
				case most.Mmol():
					v = min(v, most)
				}
			}
			if v < least || v > most {
				return lang.E("%s %s is not allowed: use %s", unit.Format(v), unit, allowed)
			}
			*field(s) = v
			return nil
		},
		text: func(s Settings) string { return levelText(*field(&s), s.Unit) },
		bare: func(string) bool { return true },
	}
}

// text is a key with any text.
func text(name, doc string, field func(*Settings) *string) key {
	return key{
		name: name, doc: phrase{text: doc}, typ: "text",
		read: func(s *Settings, value any) error {
			v, ok := value.(string)
			if !ok {
				return lang.E("write it in quotes")
			}
			*field(s) = v
			return nil
		},
		text: func(s Settings) string { return *field(&s) },
	}
}

func sound(name string, field func(*Settings) *string) key {
	return word(name, lang.Mark("What is heard with it."), field,
		pair[string]{"none", SoundNone}, pair[string]{SoundSoft, SoundSoft},
		pair[string]{SoundLow, SoundLow}, pair[string]{SoundUrgent, SoundUrgent})
}

// keys in the order of the file.
var keys = slices.Concat([]key{
	word("unit", lang.Mark("The unit in which glucose is shown."), func(s *Settings) *glucose.Unit { return &s.Unit },
		pair[glucose.Unit]{string(glucose.MmolPerL), glucose.MmolPerL}, pair[glucose.Unit]{string(glucose.MgPerDL), glucose.MgPerDL}),
	text("person", lang.Mark("Whom to show when several people share with the account: their id, as the\nPeople menu sets it. Empty for the first. Alarms come for all of them."), func(s *Settings) *string { return &s.Person }),

	flag("display.show_name", lang.Mark("Show the person's name in the menu, the tooltip and in messages."), func(s *Settings) *bool { return &s.Display.ShowName }),
	flag("display.label", lang.Mark("Show the value as text beside the icon, on desktops whose panel can."), func(s *Settings) *bool { return &s.Display.Label }),
	word("display.icon_person", lang.Mark("Whom the icon shows when several people are followed: the one chosen in the People\nmenu, the one whose value or alarm is worst, or each for ten seconds in turns."), func(s *Settings) *string { return &s.Display.Icon },
		pair[string]{IconChosen, IconChosen}, pair[string]{IconWorst, IconWorst}, pair[string]{IconTurns, IconTurns}),
	lookKey, contrastKey, wordsKey, languageKey,

	level("limits.urgent_low", lang.Mark("Below this a value is shown as an urgent low."), func(s *Settings) *glucose.MgDL { return &s.Limits.UrgentLow }, 40, 70),
	level("limits.low", lang.Mark("Below this a value is shown as a low; from here on it is in range."), func(s *Settings) *glucose.MgDL { return &s.Limits.Low }, 60, 110),
	level("limits.high", lang.Mark("Above this a value is shown as a high."), func(s *Settings) *glucose.MgDL { return &s.Limits.High }, 120, 300),
	level("limits.urgent_high", lang.Mark("Above this a value is shown as very high."), func(s *Settings) *glucose.MgDL { return &s.Limits.UrgentHigh }, 180, 500),

	level("alarms.urgent_low.limit", lang.Mark("It sounds below this value."), func(s *Settings) *glucose.MgDL { return &s.UrgentLow.Limit }, 50, 65),
	sound("alarms.urgent_low.sound", func(s *Settings) *string { return &s.UrgentLow.Sound }),

	flag("alarms.low.on", lang.Mark("Raise it at all."), func(s *Settings) *bool { return &s.Low.On }),
	level("alarms.low.limit", lang.Mark("It sounds below this value."), func(s *Settings) *glucose.MgDL { return &s.Low.Limit }, 60, 100),
	span("alarms.low.repeat", lang.Mark("Say it again after this time while it is still low and not rising."), func(s *Settings) *time.Duration { return &s.Low.Repeat }, 5*time.Minute, time.Hour),
	sound("alarms.low.sound", func(s *Settings) *string { return &s.Low.Sound }),

	flag("alarms.high.on", lang.Mark("Raise it at all."), func(s *Settings) *bool { return &s.High.On }),
	level("alarms.high.limit", lang.Mark("It sounds above this value."), func(s *Settings) *glucose.MgDL { return &s.High.Limit }, 120, 400),
	span("alarms.high.after", lang.Mark("Only when it has been above for this long."), func(s *Settings) *time.Duration { return &s.High.After }, 0, time.Hour),
	span("alarms.high.repeat", lang.Mark("Say it again after this time while it is still high and not falling."), func(s *Settings) *time.Duration { return &s.High.Repeat }, 15*time.Minute, 3*time.Hour),
	sound("alarms.high.sound", func(s *Settings) *string { return &s.High.Sound }),

	flag("alarms.no_data.on", lang.Mark("Raise it at all."), func(s *Settings) *bool { return &s.NoData.On }),
	span("alarms.no_data.after", lang.Mark("The age of the newest value at which it sounds, 15 minutes later on a feed with a\nvalue every 15 minutes. It gets louder 20 minutes after that."), func(s *Settings) *time.Duration { return &s.NoData.After }, 15*time.Minute, time.Hour),
	sound("alarms.no_data.sound", func(s *Settings) *string { return &s.NoData.Sound }),

	flag("alarms.needs_you.on", lang.Mark("Raise it at all."), func(s *Settings) *bool { return &s.NeedsYou.On }),
	span("alarms.needs_you.repeat", lang.Mark("Say it again after this time."), func(s *Settings) *time.Duration { return &s.NeedsYou.Repeat }, 15*time.Minute, 3*time.Hour),
	sound("alarms.needs_you.sound", func(s *Settings) *string { return &s.NeedsYou.Sound }),

	flag("alarms.low_soon.on", lang.Mark("Raise it at all."), func(s *Settings) *bool { return &s.LowSoon.On }),
	sound("alarms.low_soon.sound", func(s *Settings) *string { return &s.LowSoon.Sound }),

	flag("alarms.falling_fast.on", lang.Mark("Raise it at all."), func(s *Settings) *bool { return &s.FallingFast.On }),
	sound("alarms.falling_fast.sound", func(s *Settings) *string { return &s.FallingFast.Sound }),

	flag("alarms.still_high.on", lang.Mark("Raise it at all."), func(s *Settings) *bool { return &s.StillHigh.On }),
	span("alarms.still_high.after", lang.Mark("When it has been above the high's limit for this long, and again each time as long."), func(s *Settings) *time.Duration { return &s.StillHigh.After }, time.Hour, 6*time.Hour),
	sound("alarms.still_high.sound", func(s *Settings) *string { return &s.StillHigh.Sound }),

	flag("alarms.urgent_high.on", lang.Mark("Raise it at all."), func(s *Settings) *bool { return &s.UrgentHigh.On }),
	level("alarms.urgent_high.limit", lang.Mark("It sounds above this value."), func(s *Settings) *glucose.MgDL { return &s.UrgentHigh.Limit }, 200, 400),
	sound("alarms.urgent_high.sound", func(s *Settings) *string { return &s.UrgentHigh.Sound }),

	flag("alarms.second_rise.on", lang.Mark("Raise it at all."), func(s *Settings) *bool { return &s.SecondRise.On }),
	sound("alarms.second_rise.sound", func(s *Settings) *string { return &s.SecondRise.Sound }),

	flag("alarms.rising_fast.on", lang.Mark("Raise it at all."), func(s *Settings) *bool { return &s.RisingFast.On }),
	sound("alarms.rising_fast.sound", func(s *Settings) *string { return &s.RisingFast.Sound }),

	flag("alarms.sensor_ends.on", lang.Mark("Raise it at all."), func(s *Settings) *bool { return &s.SensorEnds.On }),
	word("alarms.sensor_ends.days", lang.Mark("How many days a sensor lasts; \"auto\" goes by its model."), func(s *Settings) *time.Duration { return &s.SensorEnds.After },
		pair[time.Duration]{"auto", 0}, pair[time.Duration]{"10", 240 * time.Hour}, pair[time.Duration]{"14", 336 * time.Hour}, pair[time.Duration]{"15", 360 * time.Hour}),
	sound("alarms.sensor_ends.sound", func(s *Settings) *string { return &s.SensorEnds.Sound }),

	sound("alarms.once.sound", func(s *Settings) *string { return &s.Once.Sound }),

	span("alarms.off_duty.urgent_low", lang.Mark("How long an urgent low must have lasted."), func(s *Settings) *time.Duration { return &s.OffDuty.UrgentLow }, 5*time.Minute, 30*time.Minute),
	span("alarms.off_duty.no_data", lang.Mark("How old the newest value must be."), func(s *Settings) *time.Duration { return &s.OffDuty.NoData }, 30*time.Minute, 2*time.Hour),
}, quietKeys("night"), quietKeys("away"), quietKeys("day"), []key{
	word("privacy.text", lang.Mark("What messages say: \"full\" with name and value, \"content_free\" only that there is\nan alarm, for screens that others see."), func(s *Settings) *string { return &s.Text },
		pair[string]{TextFull, TextFull}, pair[string]{TextContentFree, TextContentFree}),

	word("privacy.when_locked", lang.Mark("The same while the screen is locked, on desktops that tell."), func(s *Settings) *string { return &s.Locked },
		pair[string]{TextFull, TextFull}, pair[string]{TextContentFree, TextContentFree}),

	word("privacy.when_shared", lang.Mark("The same while the screen is shared in a call, or recorded, on desktops that tell:\nthose that use Wayland and PipeWire."), func(s *Settings) *string { return &s.Shared },
		pair[string]{TextFull, TextFull}, pair[string]{TextContentFree, TextContentFree}),

	flag("power.stay_awake", lang.Mark("Keep the computer from falling asleep by itself while an alarm waits for an answer."), func(s *Settings) *bool { return &s.Awake }),

	flag("speech.alarms", lang.Mark("Say each alarm aloud after its sound, as messages may tell it."), func(s *Settings) *bool { return &s.Speech.Alarms }),
	word("speech.value", lang.Mark("Say the value aloud this often, as long as it is present. Never while the screen is\nlocked or shared, nor in quiet hours."), func(s *Settings) *time.Duration { return &s.Speech.Value },
		pair[time.Duration]{"off", 0}, pair[time.Duration]{"5m", 5 * time.Minute}, pair[time.Duration]{"10m", 10 * time.Minute},
		pair[time.Duration]{"15m", 15 * time.Minute}, pair[time.Duration]{"30m", 30 * time.Minute}, pair[time.Duration]{"1h", time.Hour}),

	regionKey("account.region", func(s *Settings) *string { return &s.Account.Region }),

	proxyKey,

	word("log.level", lang.Mark("How much is written to the log."), func(s *Settings) *slog.Level { return &s.Level },
		pair[slog.Level]{"error", slog.LevelError}, pair[slog.Level]{"warn", slog.LevelWarn},
		pair[slog.Level]{"info", slog.LevelInfo}, pair[slog.Level]{"debug", slog.LevelDebug}),
}, outputKeys())

// sections are the words above each table of the file.
var sections = map[string]string{
	"display":             lang.Mark("What is shown."),
	"limits":              lang.Mark("The borders of the ranges: colours in the tray and the statistics. The alarms have\nlimits of their own below."),
	"alarms.urgent_low":   lang.Mark("The urgent low. It cannot be switched off."),
	"alarms.low":          lang.Mark("The low."),
	"alarms.high":         lang.Mark("The high."),
	"alarms.no_data":      lang.Mark("No new values."),
	"alarms.low_soon":     lang.Mark("A low is likely within a quarter of an hour."),
	"alarms.falling_fast": lang.Mark("A steep fall towards the low, 2 mg/dL (0.1 mmol/L) in a minute."),
	"alarms.still_high":   lang.Mark("Still high after hours, whatever the trend and however the night began."),
	"alarms.urgent_high":  lang.Mark("Very high."),
	"alarms.second_rise":  lang.Mark("Two hours after a meal it came down and rises again."),
	"alarms.rising_fast":  lang.Mark("A steep rise when it is high already."),
	"alarms.sensor_ends":  lang.Mark("The sensor ends: a day ahead, two hours ahead, and at its end."),
	"alarms.once":         lang.Mark("What you asked to be told of once."),
	"alarms.off_duty":     lang.Mark("What is heard here while you are off duty because another carer is on."),
	"quiet.night":         lang.Mark("Quiet hours at night."),
	"quiet.away":          lang.Mark("Quiet hours when you are out, at work or at school."),
	"quiet.day":           lang.Mark("Other rules by day."),
	"alarms.needs_you":    lang.Mark("You must do something, such as signing in again, or no values will come."),
	"privacy":             lang.Mark("What others may see."),
	"power":               lang.Mark("The sleep of the computer."),
	"speech":              lang.Mark("What is said aloud, by speech-dispatcher or espeak-ng on Linux, and by the system's\nown voice on Windows and macOS."),
	"network":             lang.Mark("The way to LibreLinkUp."),
	"account":             lang.Mark("The LibreLinkUp account. The password is not kept here but in the desktop's keyring."),
	"log":                 lang.Mark("The log, for when something does not work."),
	"mqtt":                lang.Mark("MQTT and Home Assistant."),
	"nightscout":          lang.Mark("Nightscout, both ways."),
	"hook":                lang.Mark("A command of your own."),
	"dbus":                lang.Mark("The session's D-Bus."),
}
