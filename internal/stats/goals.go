package stats

import (
	"math"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// Measure is what a goal is about; the names are those of JSON.
type Measure string

// The measures that goals exist for.
const (
	TimeInRange   Measure = "in_range"
	TimeBelow     Measure = "below"
	TimeUrgentLow Measure = "urgent_low"
	TimeAbove     Measure = "above"
	TimeVeryHigh  Measure = "urgent_high"
	Variation     Measure = "cv"
)

// Label says the measure for people: "Time in range".
func (m Measure) Label() string {
	switch m {
	case TimeInRange:
		return lang.T("Time in range")
	case TimeBelow:
		return lang.T("Time below range")
	case TimeUrgentLow:
		return lang.T("Time very low")
	case TimeAbove:
		return lang.T("Time above range")
	case TimeVeryHigh:
		return lang.T("Time very high")
	case Variation:
		return lang.T("Variation (CV)")
	}
	return string(m)
}

// Of is the measure's value in a summary, in percent.
func (m Measure) Of(s Summary) float64 {
	switch m {
	case TimeInRange:
		return s.InRange
	case TimeBelow:
		return s.Below
	case TimeUrgentLow:
		return s.UrgentLow
	case TimeAbove:
		return s.Above
	case TimeVeryHigh:
		return s.UrgentHigh
	case Variation:
		return s.CV
	}
	return math.NaN()
}

// Goal is a target in whole percent. The value itself meets it only when Equal.
type Goal struct {
	Measure Measure
	AtLeast bool // else at most
	Equal   bool
	Target  float64
}

// Text is the target for people: "above 70 %", "at most 36 %".
func (g Goal) Text() string {
	target := lang.Percent(g.Target, 0)
	switch {
	case g.AtLeast && g.Equal:
		return lang.F("at least %s", target)
	case g.AtLeast:
		return lang.F("above %s", target)
	case g.Equal:
		return lang.F("at most %s", target)
	}
	return lang.F("below %s", target)
}

func (g Goal) met(v float64) bool {
	if v == g.Target {
		return g.Equal
	}
	return g.AtLeast == (v > g.Target)
}

// GoalSet is what the consensus recommends to a group of people, with the
// limits that its shares are counted by.
type GoalSet struct {
	Name   string // "adults"
	words  string // Words in English
	Limits glucose.Limits
	Goals  []Goal
}

// Words say whom the goals are for, to follow "Goals for".
func (g GoalSet) Words() string { return lang.T(g.words) }

// The sets of Battelino et al., Diabetes Care 2019;42:1593-1603: targets in
// tables 3 and 4, CV in table 2.
var (
	// Adults is for type 1 and type 2 diabetes, and the default.
	Adults = GoalSet{
		Name: "adults", words: lang.Mark("adults with type 1 or type 2 diabetes"), Limits: glucose.DefaultLimits,
		Goals: []Goal{
			{Measure: TimeInRange, AtLeast: true, Target: 70},
			{Measure: TimeBelow, Target: 4},
			{Measure: TimeUrgentLow, Target: 1},
			{Measure: TimeAbove, Target: 25},
			{Measure: TimeVeryHigh, Target: 5},
			{Measure: Variation, Equal: true, Target: 36},
		},
	}
	// OlderHighRisk is for older people and those at high risk of lows.
	OlderHighRisk = GoalSet{
		Name: "older", words: lang.Mark("older people or people at high risk of lows"), Limits: glucose.DefaultLimits,
		Goals: []Goal{
			{Measure: TimeInRange, AtLeast: true, Target: 50},
			{Measure: TimeBelow, Target: 1},
			{Measure: TimeVeryHigh, Target: 10},
			{Measure: Variation, Equal: true, Target: 36},
		},
	}
	// Pregnancy is for pregnancy with type 1 diabetes: 63 to 140 mg/dL.
	Pregnancy = GoalSet{
		Name: "pregnancy", words: lang.Mark("pregnancy with type 1 diabetes"),
		Limits: glucose.Limits{UrgentLow: 54, Low: 63, High: 140, UrgentHigh: 250},
		Goals: []Goal{
			{Measure: TimeInRange, AtLeast: true, Target: 70},
			{Measure: TimeBelow, Target: 4},
			{Measure: TimeUrgentLow, Target: 1},
			{Measure: TimeAbove, Target: 25},
		},
	}
)

// Judged is a goal held against a period.
type Judged struct {
	Goal
	Value float64 // percent
	Known bool    // false on too little data: then Value and Met mean nothing
	Met   bool
	Words string // "Time in range 71 %, goal above 70 %: met"
}

// Judge holds the summary against every goal of the set, in its order. A
// period that is too short for a report (Summary.Reportable) is judged all the
// same; say so beside it.
func (g GoalSet) Judge(s Summary) []Judged {
	out := make([]Judged, 0, len(g.Goals))
	for _, goal := range g.Goals {
		j := Judged{Goal: goal, Known: s.Known, Words: lang.F("%s not known, goal %s", goal.Measure.Label(), goal.Text())}
		if s.Known {
			j.Value = goal.Measure.Of(s)
			j.Met = goal.met(j.Value)
			if j.Met {
				j.Words = lang.F("%s %s, goal %s: met", goal.Measure.Label(), Percent(j.Value), goal.Text())
			} else {
				j.Words = lang.F("%s %s, goal %s: not met", goal.Measure.Label(), Percent(j.Value), goal.Text())
			}
		}
		out = append(out, j)
	}
	return out
}
