package lang

import "time"

// Lengths of time in words, always rounded down: a value that is 9 minutes and
// 59 seconds old has not been old for 10 minutes.

// amount is a length of time in the largest unit that still says enough: "90
// minutes" says more than "1 hour".
func amount(d time.Duration) (n int, unit time.Duration) {
	switch {
	case d >= 48*time.Hour:
		return int(d / (24 * time.Hour)), 24 * time.Hour
	case d >= 2*time.Hour, d == time.Hour:
		return int(d / time.Hour), time.Hour
	}
	return int(d / time.Minute), time.Minute
}

// Span writes a length of time in full: "less than a minute", "90 minutes",
// "3 hours", "2 days". It stands as an accusative or by itself, as in "%s old";
// For is for what lasts.
func Span(d time.Duration) string {
	switch n, unit := amount(d); {
	case n < 1:
		return T("less than a minute")
	case unit == time.Minute:
		return N(n, "%d minute", "%d minutes")
	case unit == time.Hour:
		return N(n, "%d hour", "%d hours")
	default:
		return N(n, "%d day", "%d days")
	}
}

// For writes in full how long something has been so until now: "for 3 hours".
// Many languages have another word, or another case, than for the length
// itself.
func For(d time.Duration) string {
	switch n, unit := amount(d); {
	case n < 1:
		return T("for less than a minute")
	case unit == time.Minute:
		return N(n, "for %d minute", "for %d minutes")
	case unit == time.Hour:
		return N(n, "for %d hour", "for %d hours")
	default:
		return N(n, "for %d day", "for %d days")
	}
}

// Short writes a length of time where room is scarce: "0 min", "90 min", "3 h",
// "2 days".
func Short(d time.Duration) string {
	switch {
	case d < 100*time.Minute:
		return F("%d min", int(d/time.Minute))
	case d < 48*time.Hour:
		return F("%d h", int(d/time.Hour))
	}
	n := int(d / (24 * time.Hour))
	return N(n, "%d day", "%d days")
}

// Ago says how long ago something was, where room is scarce: "just now",
// "5 min ago", "3 h ago", "2 days ago".
func Ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return T("just now")
	case d < 100*time.Minute:
		return F("%d min ago", int(d/time.Minute))
	case d < 48*time.Hour:
		return F("%d h ago", int(d/time.Hour))
	}
	n := int(d / (24 * time.Hour))
	return N(n, "%d day ago", "%d days ago")
}

// FullAgo says in full how long ago something was: "less than a minute ago",
// "3 hours ago".
func FullAgo(d time.Duration) string {
	switch n, unit := amount(d); {
	case n < 1:
		return T("less than a minute ago")
	case unit == time.Minute:
		return N(n, "%d minute ago", "%d minutes ago")
	case unit == time.Hour:
		return N(n, "%d hour ago", "%d hours ago")
	default:
		return N(n, "%d day ago", "%d days ago")
	}
}

// Exact writes a length of time to the minute: "15 min", "2 h", "1 h 30 min".
func Exact(d time.Duration) string {
	h, m := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case h == 0:
		return F("%d min", m)
	case m == 0:
		return F("%d h", h)
	}
	return F("%d h %d min", h, m)
}

// Moment writes a time of day in now's zone: "15:04", with the day of the week
// where it is not today's, "Mon 15:04". It stands by itself, or behind
// "until"; At and Since have the word before it as well.
func Moment(t, now time.Time) string {
	t = t.In(now.Location())
	if today(t, now) {
		return Clock(t)
	}
	return Weekday(t.Weekday()) + " " + Clock(t)
}

// At is Moment with the word that it needs in a sentence: "at 15:04", "at Mon
// 15:04". Many languages have another word before a day than before a time.
func At(t, now time.Time) string {
	t = t.In(now.Location())
	if today(t, now) {
		return F("at %s", Clock(t))
	}
	return F("at %s %s", Weekday(t.Weekday()), Clock(t))
}

// Since is Moment as the beginning of what has been so until now: "since
// 15:04", "since Mon 15:04".
func Since(t, now time.Time) string {
	t = t.In(now.Location())
	if today(t, now) {
		return F("since %s", Clock(t))
	}
	return F("since %s %s", Weekday(t.Weekday()), Clock(t))
}

func today(t, now time.Time) bool {
	return t.Year() == now.Year() && t.YearDay() == now.YearDay()
}
