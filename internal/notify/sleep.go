package notify

import (
	"time"

	"github.com/llutray/llutray/internal/lang"
)

// Errors of Inhibit. Each says what follows and what to do.
var (
	ErrNoInhibitor error = lang.Error("this system gives no way to keep the computer awake: set it not to sleep by itself")
	ErrMaySleep    error = lang.Error("the login service refuses to keep the computer awake: set it not to sleep by itself")
)

// Power is where the computer's power comes from.
type Power struct {
	Known     bool // the rest means something
	OnBattery bool
	Percent   int           // of the battery's charge, -1 unknown
	Left      time.Duration // on the battery as it is used now, 0 unknown
}

// sleepUntold passes through lang.T.
var sleepUntold = lang.Mark("Whether the computer goes to sleep by itself cannot be told.")

// sleepText says for people when the computer goes to sleep, 0 for never.
func sleepText(after time.Duration) string {
	if after <= 0 {
		return lang.T("The computer does not go to sleep by itself.")
	}
	return lang.F("The computer goes to sleep after %s without use.", span(after))
}

// span is a duration in round words.
func span(d time.Duration) string {
	switch minutes := int(d.Round(time.Minute).Minutes()); {
	case d < time.Minute:
		return lang.F("%d s", int(d.Round(time.Second).Seconds()))
	case minutes < 120:
		return lang.F("%d min", minutes)
	default:
		return lang.F("%d h", int(d.Round(time.Hour).Hours()))
	}
}
