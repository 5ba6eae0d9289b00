package chart

import "github.com/llutray/llutray/internal/glucose"

// Colours of the urgent ranges in pictures, darker than those they belong to.
// The icon needs none: it lets plate and ink change places.
const (
	UrgentLowColour  = "#6E2200"
	UrgentHighColour = "#9A5B00"
)

// rangeLook is how a range is drawn. Shape tells it without colour: towards
// which side, and twice when urgent.
type rangeLook struct {
	r      glucose.Range
	class  string
	colour string
	// rim is drawn around marks: the orange alone is too pale on white.
	rim   string
	shape string // path data relative to the middle; "" for a dot
	// least distance of two such marks, in units
	apart float64
}

// Shapes of marks: a triangle, or two of them one behind the other.
const (
	down       = "m-3.5-2.5h7l-3.5 6z"
	up         = "m-3.5 2.5h7l-3.5-6z"
	doubleDown = "m-3.5-5h7l-3.5 5zm0 5h7l-3.5 5z"
	doubleUp   = "m-3.5 5h7l-3.5-5zm0-5h7l-3.5-5z"
)

// looks are all ranges from the bottom up.
var looks = [...]rangeLook{
	{glucose.UrgentLow, "range-urgent-low", UrgentLowColour, UrgentLowColour, doubleDown, 9},
	{glucose.Low, "range-low", LowColour, LowColour, down, 9},
	{glucose.InRange, "range-in", InRangeColour, InRangeColour, "", 5},
	{glucose.High, "range-high", HighColour, "#7A5200", up, 9},
	{glucose.UrgentHigh, "range-urgent-high", UrgentHighColour, UrgentHighColour, doubleUp, 9},
}
