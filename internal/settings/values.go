package settings

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// mmolBelow tells a number in mmol/L from one in mg/dL without asking. No
// limit that may be set is near it on either side: the highest is 500 mg/dL,
// 27.8 mmol/L, the lowest 40 mg/dL.
const mmolBelow = 35

// readLevel reads a limit: a number, which says by its size what unit it is
// in, or text with the unit or without. The unit that was used is returned.
func readLevel(value any) (glucose.MgDL, glucose.Unit, error) {
	var number float64
	var unit glucose.Unit
	switch v := value.(type) {
	case int64:
		number = float64(v)
	case float64:
		number = v
	case string:
		t := strings.TrimSpace(v)
		end := strings.LastIndexAny(t, "0123456789.,") + 1
		if name := strings.TrimSpace(t[end:]); name != "" && end > 0 {
			u, err := glucose.ParseUnit(name)
			if err != nil {
				return 0, "", err
			}
			unit = u
		}
		f, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(t[:end]), ",", ".", 1), 64)
		if err != nil {
			return 0, "", lang.E("%s is not a glucose value: write a number such as 70 or 3.9", quote(v))
		}
		number = f
	default:
		return 0, "", lang.E("%s is not a glucose value: write a number such as 70 or 3.9", shown(value))
	}
	if unit == "" {
		unit = glucose.MgPerDL
		if number < mmolBelow {
			unit = glucose.MmolPerL
		}
	}
	switch {
	case math.IsNaN(number) || number < 0 || number > 1000:
		return 0, "", lang.E("%s is not a glucose value: write a number such as 70 or 3.9", shown(value))
	case unit == glucose.MmolPerL:
		return glucose.FromMmol(number), unit, nil
	case number != math.Trunc(number):
		return 0, "", lang.E("%s is not allowed: mg/dL are whole numbers", shown(value))
	}
	return glucose.MgDL(number), unit, nil
}

// levelText writes a limit in the unit, unless the rounding would make it
// another one when it is read back: 71 mg/dL is 3.9 mmol/L, and that is 70.
func levelText(v glucose.MgDL, u glucose.Unit) string {
	if u == glucose.MmolPerL && glucose.FromMmol(v.Mmol()) != v {
		return glucose.MgPerDL.Digits(v)
	}
	return u.Digits(v)
}

func readPeriod(value any) (time.Duration, error) {
	const most = 10000 // minutes; keeps the product in range
	switch v := value.(type) {
	case int64:
		if v >= 0 && v <= most {
			return time.Duration(v) * time.Minute, nil
		}
	case string:
		t := strings.ReplaceAll(v, " ", "")
		if n, err := strconv.Atoi(t); err == nil {
			return readPeriod(int64(n))
		}
		if strings.HasSuffix(t, "min") {
			t = strings.TrimSuffix(t, "in")
		}
		if d, err := time.ParseDuration(t); err == nil {
			return d, nil
		}
	}
	return 0, lang.E("%s is not a duration: write one such as \"30m\" or \"1h30m\"", shown(value))
}

// period writes a duration without the zeros of Go's own format.
func period(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// shown is a value as it stood in the file, cut to what fits a message.
func shown(value any) string {
	var s string
	switch v := value.(type) {
	case string:
		s = quote(v)
	case []any:
		return lang.T("a list")
	case map[string]any:
		return lang.T("a section")
	default:
		s = fmt.Sprint(v)
	}
	const most = 40
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return s
}

// quote writes a TOML string, by the escapes that TOML 1.0 has.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// suggest is the known key that was probably meant, "" if none is near.
func suggest(name string) string {
	best, least := "", len(name)/3+1
	for _, known := range near(name) {
		if d := distance(name, known); d <= least {
			best, least = known, d-1
		}
	}
	return best
}

// distance is Levenshtein's: the least number of letters to insert, delete or
// replace.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
