package page

import (
	"context"
	"time"

	"github.com/llutray/llutray/internal/glucose"
	"github.com/llutray/llutray/internal/lang"
)

// Source is the program as the page sees it. Its methods are called from many
// goroutines and must not wait longer than their context. An error that is a
// *Problem is told to the user.
type Source interface {
	// State is what is known now. It never waits.
	State() State
	// Readings are those of the person followed from from (included) to to
	// (excluded), oldest first, one series (glucose.Merge).
	Readings(ctx context.Context, from, to time.Time) ([]glucose.Reading, error)
	// Log is what the alarms of that person said and held back, oldest first.
	Log(ctx context.Context, from, to time.Time) ([]LogEntry, error)
	// Night sums a night up in a sentence.
	Night(ctx context.Context, from, to time.Time) (string, error)
	// Replay tells what other settings would have said.
	Replay(ctx context.Context, q ReplayQuestion) (Replay, error)

	Settings(ctx context.Context) (Settings, error)
	Set(ctx context.Context, key, value string) error
	// Do carries out a wish and tells what came of it.
	Do(ctx context.Context, a Action) (string, error)

	// SignIn and Accept are the steps of a sign-in. The password is used for
	// the sign-in and kept where the user's secrets are, and nowhere else.
	SignIn(ctx context.Context, q SignIn) (SignInAnswer, error)
	Accept(ctx context.Context) (SignInAnswer, error)
	SignOut(ctx context.Context, account string) error
}

// LogEntry is one entry of the alarm log, in words for people.
type LogEntry struct {
	Time       time.Time  `json:"time"`
	Person     string     `json:"person"`
	Kind       string     `json:"kind"`
	Label      string     `json:"label"`
	Level      string     `json:"level"`
	Said       bool       `json:"said"` // else it was held back, for the reason
	Reason     string     `json:"reason"`
	Value      string     `json:"value"`
	Delivery   string     `json:"delivery"` // "" when it arrived, else why not
	Answer     string     `json:"answer"`
	AnsweredAt *time.Time `json:"answered_at"`
}

// title is the entry in a picture: "Low 3.7".
func (e LogEntry) title() string {
	if e.Value == "" {
		return e.Label
	}
	return e.Label + " " + e.Value
}

// text is the entry in a line: "Low 3.7: first time; seen".
func (e LogEntry) text() string {
	out := e.title() + ": " + e.Reason
	if e.Delivery != "" {
		out += "; " + lang.T("could not be shown")
	}
	if e.Answer != "" {
		out += "; " + e.Answer
	}
	return out
}

// ReplayQuestion asks what other settings would have said in the last days.
type ReplayQuestion struct {
	Days int               `json:"days"`
	Set  map[string]string `json:"set"`
}

// Replay compares what the present settings and others say of the same days.
type Replay struct {
	Days     int         `json:"days"`
	Rows     []ReplayRow `json:"rows"`
	Now      int         `json:"now"`
	Then     int         `json:"then"`
	Sentence string      `json:"sentence"`
	List     []Heard     `json:"list"` // newest first
}

// ReplayRow counts the messages of one kind of alarm.
type ReplayRow struct {
	Kind  string `json:"kind"`
	Label string `json:"label"`
	Now   int    `json:"now"`
	Then  int    `json:"then"`
}

// Heard is one message of a replay.
type Heard struct {
	Time  time.Time `json:"time"`
	Label string    `json:"label"`
	Value string    `json:"value"`
	In    string    `json:"in"` // "now", "then" or "both"
}

// Settings are all keys of the settings file, explained.
type Settings struct {
	Path     string    `json:"path"`
	Error    string    `json:"error"` // why the file is not in force; there are no sections then
	Sections []Section `json:"sections"`
}

// Section is a part of the file.
type Section struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Doc   string `json:"doc"`
	Keys  []Key  `json:"keys"`
}

// Key is one setting. Min and Max are set where Type is "limit", in Unit, and
// where it is "duration", in minutes.
type Key struct {
	Key     string   `json:"key"`
	Label   string   `json:"label"` // where the page has none of its own
	Type    string   `json:"type"`  // "flag", "word", "limit", "duration" or "text"
	Value   string   `json:"value"`
	Default string   `json:"default"`
	Doc     string   `json:"doc"`
	Allowed string   `json:"allowed"`
	Options []string `json:"options"`
	Names   []string `json:"names"` // what Options are called, where they have names of their own; else "", or none
	Min     *float64 `json:"min"`
	Max     *float64 `json:"max"`
	Unit    string   `json:"unit"`
}

// Action is a wish of the user. Person is whose alarm it is about, "" for the
// person shown.
type Action struct {
	Person  string `json:"person"`
	Kind    string `json:"kind"`
	Key     string `json:"key"`
	Minutes int    `json:"minutes"`
	On      bool   `json:"on"`
}

// SignIn is what a sign-in needs. File is the consent to keep it in a file
// where there is no keyring.
type SignIn struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	Region   string `json:"region"`
	File     bool   `json:"file"`
	Account  string `json:"account"` // one of several, or one more; "" for the first
}

// What a sign-in waits for.
const (
	SignedIn  = "ok"
	LegalStep = "step"       // the user is to accept Step, or not
	NoKeyring = "no_keyring" // the user is to agree to a file, or not
)

// SignInAnswer is how far a sign-in has come.
type SignInAnswer struct {
	Status  string   `json:"status"`
	Step    *Step    `json:"step"`
	People  []Shared `json:"people"`
	Offer   []Offer  `json:"offer"` // limits of the account that the user may take over
	Message string   `json:"message"`
}

// Step is a legal text of the service.
type Step struct {
	Title string `json:"title"`
}

// Shared is somebody who shares with the account.
type Shared struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Offer is a setting that the account has for itself.
type Offer struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Value string `json:"value"`
}
