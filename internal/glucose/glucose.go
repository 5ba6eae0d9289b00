// Package glucose is the domain: values, units, trends, readings, ranges and
// the faults that can come between a person and their number. It has no
// clock, file, network or goroutine; whatever depends on the present time
// takes it as an argument.
package glucose

import (
	"math"
	"strconv"
	"strings"

	"github.com/llutray/llutray/internal/lang"
)

// MgDL is a glucose concentration in whole mg/dL, the unit everything is
// computed in. Other units exist only on the way in and on the way out.
type MgDL int

// Mmol converts to mmol/L the way the vendor's server does: divided by 18 and
// rounded half up to one decimal. The molar factor 18.0182 shows other digits
// than the user's phone now and then.
func (v MgDL) Mmol() float64 {
	// v/18 to one decimal is v*10/18 to a whole number; in integers, so
	// that a half is exactly a half.
	tenths := (int(v)*10 + 9) / 18
	if v < 0 {
		tenths = -((-int(v)*10 + 9) / 18)
	}
	return float64(tenths) / 10
}

// FromMmol converts a value in mmol/L to the nearest mg/dL.
func FromMmol(mmol float64) MgDL { return MgDL(math.Round(mmol * 18)) }

// Unit is the unit in which values are shown and typed.
type Unit string

// The two units in use.
const (
	MgPerDL  Unit = "mg/dL"
	MmolPerL Unit = "mmol/L"
)

// ParseUnit reads a unit as people write it: "mg/dL", "mgdl", "mmol/L",
// "mmol" in any case.
func ParseUnit(s string) (Unit, error) {
	switch strings.ToLower(strings.ReplaceAll(s, "/", "")) {
	case "mgdl", "mg":
		return MgPerDL, nil
	case "mmoll", "mmol":
		return MmolPerL, nil
	}
	return "", lang.E("unknown unit %q: use mg/dL or mmol/L", s)
}

// Format writes v in the unit without its name, as people do: "104" or "5.8",
// "5,8" in most languages.
func (u Unit) Format(v MgDL) string { return lang.Decimal(u.Digits(v)) }

// Digits writes v in the unit without its name for files and programs: "104"
// or "5.8", whatever the language.
func (u Unit) Digits(v MgDL) string {
	if u == MmolPerL {
		return strconv.FormatFloat(v.Mmol(), 'f', 1, 64)
	}
	return strconv.Itoa(int(v))
}

// FormatDifference writes a difference with its sign: "+3", "−0.2", "±0".
// The difference of two values is rounded once, after subtracting.
func (u Unit) FormatDifference(d MgDL) string {
	s := strings.TrimPrefix(u.Format(d), "-")
	switch {
	case strings.Trim(s, "0.,") == "":
		return "±" + s
	case d > 0:
		return "+" + s
	}
	return "−" + s // a minus sign: a hyphen between an arrow and a number reads as a dash
}

// Parse reads a number typed in the unit; a comma is taken as the decimal
// point. It refuses what no glucose value can be (below 10 or above 1000
// mg/dL) and says so.
func (u Unit) Parse(s string) (MgDL, error) {
	f, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(s), ",", ".", 1), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, lang.E("%q is not a number in %s", s, u)
	}
	v := MgDL(math.Round(math.Max(-1e6, math.Min(f, 1e6))))
	if u == MmolPerL {
		v = FromMmol(math.Max(-1e6, math.Min(f, 1e6)))
	}
	if v < 10 || v > 1000 {
		return 0, lang.E("%s %s is not a glucose value", s, u)
	}
	return v, nil
}
