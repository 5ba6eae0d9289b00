package lang

import (
	"strings"
	"time"
)

// months are the names of the months as they stand in a date: in Polish, the
// genitive.
var months = [...]string{
	Mark("January"), Mark("February"), Mark("March"), Mark("April"), Mark("May"), Mark("June"), Mark("July"),
	Mark("August"), Mark("September"), Mark("October"), Mark("November"), Mark("December"),
}

var shortMonths = [...]string{
	Mark("short|Jan"), Mark("short|Feb"), Mark("short|Mar"), Mark("short|Apr"), Mark("short|May"), Mark("short|Jun"), Mark("short|Jul"),
	Mark("short|Aug"), Mark("short|Sep"), Mark("short|Oct"), Mark("short|Nov"), Mark("short|Dec"),
}

var longDays = [...]string{
	Mark("Sunday"), Mark("Monday"), Mark("Tuesday"), Mark("Wednesday"), Mark("Thursday"), Mark("Friday"), Mark("Saturday"),
}

// In a date a catalogue may change the order, and what stands between the
// parts: they are those of package time.

// Date writes a day: "28 November 2026".
func Date(t time.Time) string { return date(t, C("date", "2 January 2006")) }

// DayMonth writes a day of this year: "28 November".
func DayMonth(t time.Time) string { return date(t, C("date", "2 January")) }

// WeekdayDate writes a day with all it has: "Saturday 28 November 2026".
func WeekdayDate(t time.Time) string { return date(t, C("date", "Monday 2 January 2006")) }

// WeekdayShort writes a day where others stand beside it, or room is scarce:
// "Sat 28 Nov".
func WeekdayShort(t time.Time) string { return date(t, C("date", "Mon 2 Jan")) }

func date(t time.Time, layout string) string {
	day, month := t.Weekday(), t.Month()-1
	var names []string
	switch {
	case strings.Contains(layout, "Monday"):
		names = append(names, day.String(), T(longDays[day]))
	case strings.Contains(layout, "Mon"):
		names = append(names, t.Format("Mon"), Weekday(day))
	}
	switch {
	case strings.Contains(layout, "January"):
		english, name := t.Month().String(), T(months[month])
		if t.Day() == 1 {
			// In French, "1er janvier".
			names = append(names, "1 "+english, C("date", "1")+" "+name)
		}
		names = append(names, english, name)
	case strings.Contains(layout, "Jan"):
		_, name, _ := strings.Cut(shortMonths[month], "|")
		names = append(names, name, C("short", name))
	}
	return strings.NewReplacer(names...).Replace(t.Format(layout))
}

// Hour writes a full hour: 15:00, or 3 PM where people do.
func Hour(t time.Time) string {
	if now.Load().listed(twelve) {
		return t.Format("3 PM")
	}
	return t.Format("15:04")
}
