package lang

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The rules are those of the Unicode CLDR for whole numbers below a million.

func oneOther(n int) int {
	if n == 1 {
		return 0
	}
	return 1
}

func zeroOneOther(n int) int {
	if n == 0 || n == 1 {
		return 0
	}
	return 1
}

func oneFewMany(n int) int {
	switch tens := n % 100; {
	case n == 1:
		return 0
	case n%10 >= 2 && n%10 <= 4 && (tens < 12 || tens > 14):
		return 1
	}
	return 2
}

// Forms is how many forms a text with a number has in a language.
func (l Language) Forms() int {
	most := 0
	for n := range 100 {
		most = max(most, l.plural(n))
	}
	return most + 1
}

// points are the regions that write 5.4 where their language elsewhere writes
// 5,4 (Unicode CLDR).
const points = "de-CH de-LI it-CH es-CR es-DO es-GT es-HN es-MX es-NI es-PA es-PE es-PR es-SV es-US"

// twelve are the regions whose clocks go to twelve (Unicode CLDR), of those
// languages whose words for it the program knows.
const twelve = "en-AU en-CA en-IN en-NZ en-PH en-SG en-US"

func (s *spoken) listed(in string) bool {
	return s.region != "" && strings.Contains(in, s.Code+"-"+s.region)
}

// Decimal writes a number's digits, such as "-5.4", as people do: 5,4 in
// most of the languages.
func Decimal(digits string) string {
	if s := now.Load(); s.comma && !s.listed(points) {
		return strings.Replace(digits, ".", ",", 1)
	}
	return digits
}

// Float writes a number with that many digits behind the point.
func Float(x float64, digits int) string {
	return Decimal(strconv.FormatFloat(x, 'f', digits, 64))
}

// Percent writes a share with that many digits behind the point. Whether a
// space is before the sign is the language's; it is not to be broken.
func Percent(x float64, digits int) string {
	share := F("%s %%", Float(x, digits))
	if Code() == English {
		return share // as it stands in outputs that scripts may read
	}
	return strings.Replace(share, " %", "\u00a0%", 1)
}

// Clock writes a time of day: 15:04, or 3:04 PM where people do.
func Clock(t time.Time) string {
	if now.Load().listed(twelve) {
		return t.Format("3:04 PM")
	}
	return t.Format("15:04")
}

// days are the short names of the days of a week, Sunday first.
var days = [...]string{Mark("Sun"), Mark("Mon"), Mark("Tue"), Mark("Wed"), Mark("Thu"), Mark("Fri"), Mark("Sat")}

// Weekday is the short name of a day of the week.
func Weekday(d time.Weekday) string { return T(days[d]) }

// Lower writes a label as a part of a sentence: "Urgent low" becomes "urgent
// low". Only its first letter changes: German writes "Keine Daten" within a
// sentence as "keine Daten".
func Lower(label string) string {
	if label == "" {
		return ""
	}
	r, n := utf8.DecodeRuneInString(label)
	return string(unicode.ToLower(r)) + label[n:]
}

// Upper writes a text as the beginning of a sentence or as a label: "urgent
// low" becomes "Urgent low".
func Upper(text string) string {
	if text == "" {
		return ""
	}
	r, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[n:]
}
