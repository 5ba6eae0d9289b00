// Package settings is what the user decides: a TOML file for people, with
// every key commented; where it and everything else is kept; small state
// files; and the secrets, which are kept apart.
package settings

import (
	"log/slog"
	"reflect"
	"slices"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// Settings are all decisions of the user. Values compare with Equal; a copy
// shares Quiet and People with the original, and neither may change them.
type Settings struct {
	Unit    glucose.Unit
	Person  string // ID of whom to follow; "" for the first
	Display Display
	Limits  glucose.Limits // of the ranges that colours and statistics show
	UrgentLow, Low, LowSoon, FallingFast,
	UrgentHigh, StillHigh, High, SecondRise, RisingFast,
	NoData, SensorEnds, NeedsYou, Once Alarm
	OffDuty alarm.OffDutyRule // what is heard while another carer is on
	Quiet   []Quiet           // times in which other rules hold: night, away, day, then the user's own by name
	People  []Personal        // what differs for one person, by the section's name
	Text    string            // what messages may say: TextFull or TextContentFree
	Locked  string            // the same while the screen is locked
	Shared  string            // the same while it is shared
	Awake   bool              // keep the computer awake while an alarm waits for an answer
	Account Account
	// Accounts are followed beside that one, by name.
	Accounts []NamedAccount
	Level    slog.Level // of the log
	Relays   []Relay    // places outside this computer that alarms go to, by name
	Outputs  Outputs
	Speech   Speech
	Proxy    string // ProxyNone, an address, or "" to go by the environment
}

// Display decides what is shown.
type Display struct {
	ShowName bool   // the person's name in menu, tooltip and messages
	Label    bool   // the value as text beside the icon, where the panel can
	Icon     string // whom the icon shows of several: IconChosen, IconWorst or IconTurns
	Look     string // how: LookNumber, LookLarge or LookDiscreet
	Contrast string // Auto, On or Off: stronger colours in the icon
	Words    string // Auto, On or Off: a menu for those who hear it
	Language string // Auto for the system's, or a code of lang.Codes
}

// Speech decides what is said aloud.
type Speech struct {
	Alarms bool          // each alarm, after its sound
	Value  time.Duration // the value, this often; 0 for never
}

// Account decides where to sign in.
type Account struct {
	Region string // RegionAuto, "ru" or "cn"
}

// Quiet is a time of the day, on some days, in which soft alarms are held back
// or other limits hold.
type Quiet struct {
	Name     string // of its section
	On       bool
	From, To alarm.ClockTime // on the wall clock, across midnight if To is earlier; never for none
	Days     string          // on which it begins: everyDay, or "mon tue"
	Hold     bool            // hold back what may be held back
	Through  string          // but not these kinds: "high low_soon"
	Low      glucose.MgDL    // the limits of low and high meanwhile; 0 for the usual ones
	High     glucose.MgDL
}

// Alarm decides one kind of alarm. A kind leaves the fields alone that have
// no key in the file.
type Alarm struct {
	On     bool
	Limit  glucose.MgDL
	After  time.Duration // how long it must have been so
	Repeat time.Duration // said again while it is still so
	Sound  string        // SoundNone or the name of a sound
}

// Values of the settings that are words.
const (
	TextFull        = "full"
	TextContentFree = "content_free"
	IconChosen      = "chosen"
	IconWorst       = "worst"
	IconTurns       = "turns"
	LookNumber      = "number"
	LookLarge       = "large"
	LookDiscreet    = "discreet"
	Auto            = "auto"
	On              = "on"
	Off             = "off"
	ProxyNone       = "none"
	RegionAuto      = "" // written "auto"; the service tells the region
	SoundNone       = "" // written "none"
	SoundSoft       = "soft"
	SoundLow        = "low"
	SoundUrgent     = "urgent"
)

// Default returns the settings of somebody who has set nothing.
func Default() Settings {
	return Settings{
		Unit:    glucose.MmolPerL,
		Display: Display{ShowName: true, Label: true, Icon: IconChosen, Look: LookNumber, Contrast: Auto, Words: Auto, Language: Auto},
		Limits:  glucose.DefaultLimits,
		// The limits, delays and repeats of the five kinds follow the alarm
		// engine's own defaults; a test holds them together.
		UrgentLow: Alarm{On: true, Limit: 54, Sound: SoundUrgent},
		Low:       Alarm{On: true, Limit: 70, Repeat: 30 * time.Minute, Sound: SoundLow},
		High:      Alarm{On: true, Limit: 250, After: 10 * time.Minute, Repeat: time.Hour, Sound: SoundSoft},
		NoData:    Alarm{On: true, After: 20 * time.Minute, Sound: SoundSoft},
		NeedsYou:  Alarm{On: true, Repeat: 3 * time.Hour, Sound: SoundSoft},

		LowSoon:     Alarm{On: true, Sound: SoundSoft},
		FallingFast: Alarm{Sound: SoundSoft},
		UrgentHigh:  Alarm{Limit: 300, Sound: SoundSoft},
		StillHigh:   Alarm{On: true, After: 3 * time.Hour, Sound: SoundSoft},
		SecondRise:  Alarm{On: true, Sound: SoundSoft},
		RisingFast:  Alarm{Sound: SoundSoft},
		SensorEnds:  Alarm{On: true, Sound: SoundSoft},
		Once:        Alarm{On: true, Sound: SoundSoft},
		OffDuty:     alarm.DefaultConfig().OffDuty,

		Quiet: []Quiet{
			{Name: "night", From: 22 * 60, To: 7 * 60, Days: everyDay, Hold: true},
			{Name: "away", From: 8 * 60, To: 16 * 60, Days: "mon tue wed thu fri", Hold: true},
			{Name: "day", From: 7 * 60, To: 22 * 60, Days: everyDay},
		},
		Text:    TextFull,
		Locked:  TextContentFree,
		Shared:  TextContentFree,
		Awake:   true,
		Level:   slog.LevelInfo,
		Outputs: defaultOutputs(),
	}
}

// Ranges are the borders of the ranges that colours and statistics show.
func (s Settings) Ranges() glucose.Limits { return s.Limits }

// Equal reports whether the user decided the same.
func (s Settings) Equal(o Settings) bool { return reflect.DeepEqual(s, o) }

// clone is a copy that may be changed.
func (s Settings) clone() Settings {
	s.Quiet = slices.Clone(s.Quiet)
	s.Relays = slices.Clone(s.Relays)
	s.Accounts = slices.Clone(s.Accounts)
	s.People = slices.Clone(s.People)
	for i := range s.People {
		s.People[i].own = slices.Clone(s.People[i].own)
	}
	return s
}

// check tells what is wrong between settings that are each allowed alone, and
// at which key.
func (s Settings) check() (name string, err error) {
	if name, err := s.checkRules(); err != nil {
		return name, err
	}
	if name, err := s.checkAccounts(); err != nil {
		return name, err
	}
	return s.checkPeople()
}

func (s Settings) checkRules() (name string, err error) {
	u := s.Unit
	type order struct {
		key   string
		low   glucose.MgDL
		other string
		high  glucose.MgDL
	}
	for _, o := range []order{
		{"limits.urgent_low", s.Limits.UrgentLow, "limits.low", s.Limits.Low},
		{"limits.low", s.Limits.Low, "limits.high", s.Limits.High},
		{"limits.high", s.Limits.High, "limits.urgent_high", s.Limits.UrgentHigh},
		{"alarms.urgent_low.limit", s.UrgentLow.Limit, "alarms.low.limit", s.Low.Limit},
		{"alarms.low.limit", s.Low.Limit, "alarms.high.limit", s.High.Limit},
	} {
		if o.low >= o.high {
			return o.key, lang.E("%s must be below %s, which is %s %s", lang.Decimal(levelText(o.low, u)), o.other, lang.Decimal(levelText(o.high, u)), u)
		}
	}
	if err := s.Alarms().Validate(); err != nil {
		return "alarms", err
	}
	return "", nil
}
