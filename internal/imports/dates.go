package imports

import (
	"errors"
	"io"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// stamp is a wall-clock time as a file writes it. Of a date with the year
// last, first and second are day and month in an order yet to be found.
type stamp struct {
	first, second, year    int
	yearFirst              bool // first is the month then, second the day
	hour, minute, second60 int
}

// parseStamp reads "16-10-2022 22:20", "10/16/2022 10:20 PM", "16.10.2022
// 22:20", "2022-10-16T22:20:05" and the like.
func parseStamp(s string) (st stamp, ok bool) {
	var numbers [6]int
	var digits [6]int
	n, rest := 0, strings.TrimSpace(s)
	for n < len(numbers) && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
		for rest != "" && rest[0] >= '0' && rest[0] <= '9' && digits[n] < 4 {
			numbers[n] = numbers[n]*10 + int(rest[0]-'0')
			digits[n]++
			rest = rest[1:]
		}
		n++
		after, found := cutSeparator(rest, n)
		if !found {
			break
		}
		rest = after
	}
	if n < 5 {
		return stamp{}, false
	}
	if digits[0] == 4 {
		st = stamp{year: numbers[0], first: numbers[1], second: numbers[2], yearFirst: true}
	} else {
		st = stamp{first: numbers[0], second: numbers[1], year: numbers[2]}
		switch digits[2] {
		case 2:
			st.year += 2000 // glucose sensors are younger
		case 4:
		default:
			return stamp{}, false
		}
	}
	st.hour, st.minute, st.second60 = numbers[3], numbers[4], numbers[5]
	return st, st.half(rest) && st.minute < 60 && st.second60 < 60
}

// cutSeparator takes what stands behind the nth number: a mark within the
// date, a space or T behind it, a colon within the time.
func cutSeparator(s string, n int) (rest string, ok bool) {
	switch {
	case s == "":
		return "", false
	case n < 3 && strings.IndexByte("-/.", s[0]) >= 0, (n == 4 || n == 5) && s[0] == ':':
		return s[1:], true
	case n == 3 && (s[0] == ' ' || s[0] == 'T' || s[0] == ','):
		return strings.TrimLeft(s[1:], " "), true
	}
	return s, false
}

// half takes in what is behind the time: nothing, or the half of the day of a
// 12-hour clock.
func (st *stamp) half(s string) bool {
	s = strings.Map(func(r rune) rune {
		if r == '.' || r == ' ' || r == '\u00a0' || r == '\u202f' {
			return -1
		}
		return r
	}, s)
	pm := strings.EqualFold(s, "pm")
	switch {
	case s == "":
		return st.hour < 24
	case !pm && !strings.EqualFold(s, "am"), st.hour > 12:
		return false
	}
	st.hour %= 12
	if pm {
		st.hour += 12
	}
	return true
}

// date is day and month in the order of the file; ok is false where the day
// does not exist.
func (st stamp) date(o Order) (month time.Month, day int, ok bool) {
	m, d := st.first, st.second
	if !st.yearFirst && o == DayFirst {
		m, d = d, m
	}
	t := time.Date(st.year, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return time.Month(m), d, m >= 1 && m <= 12 && t.Day() == d && t.Month() == time.Month(m) && st.year >= 1990
}

// orderOf finds the order of the dates from the whole file: a number above 12
// is a day. One that is given wins.
func orderOf(file io.ReadSeeker, l layout, given Order) (Order, error) {
	if given != OrderUnknown {
		return given, nil
	}
	rows, err := l.rows(file)
	if err != nil {
		return OrderUnknown, err
	}
	var dayFirst, monthFirst, either int
	var example string
	for {
		row, err := rows.next()
		var bad *Rejected
		switch {
		case errors.Is(err, io.EOF):
			switch {
			case dayFirst > 0 && monthFirst > 0:
				return OrderUnknown, ErrMixedDates
			case dayFirst > 0:
				return DayFirst, nil
			case monthFirst > 0:
				return MonthFirst, nil
			case either > 0:
				return OrderUnknown, lang.E("%w, for example %s", ErrDates, example)
			}
			return OrderUnknown, nil
		case errors.As(err, &bad):
			continue
		case err != nil:
			return OrderUnknown, err
		}
		if l.time >= len(row) {
			continue
		}
		st, ok := parseStamp(row[l.time])
		if !ok || st.yearFirst {
			continue
		}
		switch {
		case st.first > 12 && st.second <= 12:
			dayFirst++
		case st.second > 12 && st.first <= 12:
			monthFirst++
		case st.first <= 12 && st.second <= 12 && st.first != st.second:
			if either++; either == 1 {
				example = strings.TrimSpace(row[l.time])
			}
		}
	}
}
