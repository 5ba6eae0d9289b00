package settings

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// everyDay is how a user says all seven.
const everyDay = "every day"

var dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} // by time.Weekday

// weekdays are the days of a checked text; none stands for all.
func weekdays(text string) (out []time.Weekday) {
	if text == everyDay {
		return nil
	}
	for _, name := range strings.Fields(text) {
		out = append(out, time.Weekday(slices.Index(dayNames, name)))
	}
	return out
}

// kinds are the alarms of a checked text.
func kinds(text string) (out []alarm.Kind) {
	for _, name := range strings.Fields(text) {
		out = append(out, alarm.Kind(name))
	}
	return out
}

// list is a key that holds several words, checked one by one and written the
// same way however they were typed.
func list(name, doc, typ string, field func(*Settings) *string, check func(string) (string, error)) key {
	k := text(name, doc, field)
	k.typ = typ
	k.read = func(s *Settings, value any) error {
		v, ok := value.(string)
		if !ok {
			return lang.E("%s is not allowed: write the words in quotes, with spaces between", shown(value))
		}
		if strings.EqualFold(strings.TrimSpace(v), everyDay) {
			*field(s) = everyDay
			return nil
		}
		var words []string
		for _, w := range strings.Fields(strings.ReplaceAll(strings.ToLower(v), ",", " ")) {
			known, err := check(w)
			if err != nil {
				return err
			}
			if !slices.Contains(words, known) {
				words = append(words, known)
			}
		}
		*field(s) = strings.Join(words, " ")
		return nil
	}
	return k
}

func dayName(w string) (string, error) {
	for _, n := range dayNames {
		if len(w) >= 3 && strings.HasPrefix(w, n) {
			return n, nil
		}
	}
	return "", lang.E("%s is no day: use mon, tue, wed, thu, fri, sat, sun or \"every day\"", quote(w))
}

func kindName(w string) (string, error) {
	k, err := alarm.ParseKind(w)
	return string(k), err
}

// clock is a key that is a time of day.
func clock(name, doc string, field func(*Settings) *alarm.ClockTime) key {
	return key{
		name: name, doc: phrase{text: doc}, typ: "time", allowed: phrase{text: lang.Mark("a time of day such as 22:30")},
		read: func(s *Settings, value any) error {
			t, err := alarm.ParseClockTime(strings.TrimSpace(fmt.Sprint(value)))
			if err != nil {
				return err
			}
			*field(s) = t
			return nil
		},
		text: func(s Settings) string { return field(&s).String() },
	}
}

// usual is what stands for no other limit.
const usual = "usual"

// otherLevel is a limit that may be left as it is.
func otherLevel(name, doc string, field func(*Settings) *glucose.MgDL, least, most glucose.MgDL) key {
	k := level(name, doc, field, least, most)
	k.allowed = k.allowed.or(quote(usual))
	k.options = []string{usual}
	read, text := k.read, k.text
	k.read = func(s *Settings, value any) error {
		if v, ok := value.(string); ok && strings.EqualFold(strings.TrimSpace(v), usual) {
			*field(s) = 0
			return nil
		}
		return read(s, value)
	}
	k.text = func(s Settings) string {
		if *field(&s) == 0 {
			return usual
		}
		return text(s)
	}
	k.bare = func(t string) bool { return t != usual }
	return k
}

// never is the time of day of a window that has none yet. It is written so.
const never alarm.ClockTime = -1

const neverText = "never"

// ownWindow is a window of the user's own that nothing was set of. With a
// beginning and an end it is in force: writing it down is the wish.
func ownWindow(name string) Quiet {
	return Quiet{Name: name, On: true, From: never, To: never, Days: everyDay, Hold: true}
}

func (s Settings) hasWindow(name string) bool {
	return slices.ContainsFunc(s.Quiet, func(q Quiet) bool { return q.Name == name })
}

// window returns the window of that name to be read or changed; a missing one
// is added, the user's own after everybody's and by name. Other copies of the
// settings keep theirs.
func (s *Settings) window(name string) *Quiet {
	s.Quiet = slices.Clone(s.Quiet)
	at := slices.IndexFunc(s.Quiet, func(q Quiet) bool { return q.Name == name })
	if at < 0 {
		at = len(Default().Quiet)
		for at < len(s.Quiet) && s.Quiet[at].Name < name {
			at++
		}
		s.Quiet = slices.Insert(s.Quiet, at, ownWindow(name))
	}
	return &s.Quiet[at]
}

// clockOrNever is a time of day that may be missing.
func clockOrNever(name, doc string, field func(*Settings) *alarm.ClockTime) key {
	k := clock(name, doc, field)
	k.allowed = k.allowed.or(quote(neverText))
	read, text := k.read, k.text
	k.read = func(s *Settings, value any) error {
		if v, ok := value.(string); ok && strings.EqualFold(strings.TrimSpace(v), neverText) {
			*field(s) = never
			return nil
		}
		return read(s, value)
	}
	k.text = func(s Settings) string {
		if *field(&s) == never {
			return neverText
		}
		return text(s)
	}
	return k
}

// quietKeys are the keys of one window.
func quietKeys(window string) []key {
	name := "quiet." + window + "."
	q := func(s *Settings) *Quiet { return s.window(window) }
	return []key{
		flag(name+"on", lang.Mark("Whether it is in force at all."), func(s *Settings) *bool { return &q(s).On }),
		clockOrNever(name+"from", lang.Mark("When it begins, by the clock on the wall."), func(s *Settings) *alarm.ClockTime { return &q(s).From }),
		clockOrNever(name+"to", lang.Mark("When it ends; earlier than the beginning goes across midnight."), func(s *Settings) *alarm.ClockTime { return &q(s).To }),
		list(name+"days", lang.Mark("Days on which it begins: \"every day\", or some, such as \"mon tue\";\nempty for none."), "days", func(s *Settings) *string { return &q(s).Days }, dayName),
		flag(name+"hold", lang.Mark("Hold back the soft alarms: high, low soon, second rise, fast changes and the\nnotice a day before a sensor ends. Others are always heard."), func(s *Settings) *bool { return &q(s).Hold }),
		list(name+"through", lang.Mark("Which of those are heard all the same, for example \"high low_soon\"."), "alarms", func(s *Settings) *string { return &q(s).Through }, kindName),
		otherLevel(name+"low", lang.Mark("Another limit for the low meanwhile."), func(s *Settings) *glucose.MgDL { return &q(s).Low }, 60, 100),
		otherLevel(name+"high", lang.Mark("Another limit for the high meanwhile."), func(s *Settings) *glucose.MgDL { return &q(s).High }, 120, 400),
	}
}

// ownWindowKeys are the keys of a window that the user named.
func ownWindowKeys(window string) []key {
	out := quietKeys(window)
	d := Default()
	for i := range out {
		out[i].standard = out[i].text(d) // with the window in it
		out[i].set = func(s Settings) bool { return s.hasWindow(window) }
	}
	return out
}
