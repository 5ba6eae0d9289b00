// Package alarm decides when to raise an alarm, when to keep silent, and why.
//
// It is a pure engine: no clock, file, network or goroutine. The owner calls
// Step with the present time and what happened, acts on the decisions, and
// calls again at Result.Wake at the latest. The order is always decide,
// deliver, record: a message counts as said only when its delivery was
// reported back.
//
// Level alarms (urgent low, low, high) are judged by readings and at the
// reading's own time; intervals between their messages are intervals between
// readings, so a wrong or moving computer clock cannot freeze them. No data,
// needs you, snoozes and deliveries go by the computer's clock, and survive
// its being set back.
//
// Where a rule leaves a doubt, the alarm is let through.
package alarm
