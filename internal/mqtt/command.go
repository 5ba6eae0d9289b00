package mqtt

import (
	"fmt"
	"strings"
	"time"

	"github.com/llutray/llutray/internal/alarm"
)

// Command is what somebody asks for through the broker.
type Command struct {
	Person  string // ID
	Refresh bool   // else it is an answer
	Answer  alarm.AnswerKind
	Alarm   alarm.Kind    // "" for whatever stands
	For     time.Duration // of a snooze
}

// parseCommand reads "refresh", "seen", "seen low", "treated" or
// "snooze high 2h".
func parseCommand(text string) (c Command, err error) {
	f := strings.Fields(strings.ToLower(text))
	if len(f) == 0 {
		return c, fmt.Errorf("an empty command")
	}
	kind := func(i int) (alarm.Kind, error) {
		if len(f) <= i {
			return "", nil
		}
		return alarm.ParseKind(f[i])
	}
	switch {
	case f[0] == "refresh" && len(f) == 1:
		c.Refresh = true
		return c, nil
	case f[0] == "seen" && len(f) <= 2:
		c.Answer = alarm.Seen
		c.Alarm, err = kind(1)
		return c, err
	case f[0] == "treated" && len(f) == 1:
		c.Answer, c.Alarm = alarm.Treated, alarm.Low
		return c, nil
	case f[0] == "snooze" && len(f) == 3:
		c.Answer = alarm.SnoozeFor
		if c.Alarm, err = kind(1); err != nil {
			return c, err
		}
		if c.For, err = time.ParseDuration(f[2]); err != nil {
			return c, fmt.Errorf("%q is not a duration: write 30m or 2h", f[2])
		}
		return c, c.Alarm.CheckSnooze(c.For)
	}
	return c, fmt.Errorf("there is no command %q: use seen, treated, refresh or snooze KIND DURATION", f[0])
}
